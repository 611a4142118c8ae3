//! `workbench simulate`: seeded schedules of requests, faults and deaths, played by the functions as they are.

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use workbench_local::Fault;
use workbench_simulation::{Recovery, Run, Schedule, Simulation};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many schedules are played, one for each seed
    #[arg(long, default_value_t = 1_000)]
    schedules: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Faults in the place of those that each seed stands for, repeatable: as for `workbench up`
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,
    /// How many schedules are played at the same time; by default as many as there are processors
    #[arg(long)]
    jobs: Option<NonZero<usize>>,
    /// Print the whole trace of the first seed, and play no other
    #[arg(long)]
    trace: bool,
}

/// What all runs together came to.
#[derive(Default)]
struct Sum {
    schedules: u64,
    environments: usize,
    calls: usize,
    worst: Recovery,
    worst_seed: u64,
    broken: Vec<Run>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.trace {
        return trace(arguments);
    }
    let sum = play_all(arguments)?;
    for run in &sum.broken {
        print_broken(run);
    }
    println!(
        "{} schedules with {} environments and {} calls of AWS; {} broke a promise",
        sum.schedules,
        sum.environments,
        sum.calls,
        sum.broken.len()
    );
    println!(
        "Slowest to the truth: {} and {} sweeps after AWS came to rest, with seed {}",
        minutes(sum.worst),
        sum.worst.sweeps,
        sum.worst_seed
    );
    if !sum.broken.is_empty() {
        let seeds: Vec<String> = sum
            .broken
            .iter()
            .map(|run| run.schedule.seed.to_string())
            .collect();
        println!("Seeds that broke a promise: {}", seeds.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn schedule(arguments: &Arguments, seed: u64) -> Schedule {
    let schedule = Schedule::of(seed);
    if arguments.faults.is_empty() {
        schedule
    } else {
        schedule.with(arguments.faults.clone())
    }
}

fn trace(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let play = || {
        runtime()?.block_on(async {
            let simulation = Simulation::new().await?;
            anyhow::Ok(simulation.run(&schedule(arguments, arguments.seed)).await?)
        })
    };
    // A thread of its own: the command's has a runtime already.
    let run = std::thread::scope(|scope| scope.spawn(play).join());
    let run = run.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    print!("{}", run.trace);
    for violation in &run.violations {
        println!("{violation}");
    }
    println!("Trace {:016x}", run.trace.hash());
    Ok(if run.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Plays every schedule, several at a time: each thread has a Workbench of its own.
fn play_all(arguments: &Arguments) -> anyhow::Result<Sum> {
    let available = std::thread::available_parallelism();
    let jobs = arguments.jobs.or(available.ok()).map_or(1, NonZero::get);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} schedules, {per_sec}, {eta} left  {msg}")?;
    let bar = ProgressBar::new(arguments.schedules).with_style(style);
    let taken = AtomicU64::new(0);
    let mut sum = Sum::default();
    std::thread::scope(|scope| {
        let (send, runs) = mpsc::channel();
        let workers: Vec<_> = (0..jobs)
            .map(|_| {
                let (send, taken) = (send.clone(), &taken);
                scope.spawn(move || play(arguments, taken, &send))
            })
            .collect();
        drop(send);
        for run in runs {
            bar.inc(1);
            sum.add(run);
            if !sum.broken.is_empty() {
                bar.set_message(format!("{} broke a promise", sum.broken.len()));
            }
        }
        for worker in workers {
            match worker.join() {
                Ok(done) => done?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        anyhow::Ok(())
    })?;
    bar.finish_and_clear();
    Ok(sum)
}

fn play(arguments: &Arguments, taken: &AtomicU64, runs: &mpsc::Sender<Run>) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let simulation = Simulation::new().await?;
        loop {
            let number = taken.fetch_add(1, Ordering::AcqRel);
            if number >= arguments.schedules {
                return Ok(());
            }
            let schedule = schedule(arguments, arguments.seed.wrapping_add(number));
            let run = simulation.run(&schedule).await;
            let run = run.with_context(|| format!("seed {} can not be played", schedule.seed))?;
            runs.send(run).context("nobody takes the runs")?;
        }
    })
}

/// A runtime in which one thing happens after the other.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.context("there is no runtime")
}

impl Sum {
    fn add(&mut self, run: Run) {
        self.schedules += 1;
        self.environments += run.environments;
        self.calls += run.calls;
        if run.recovery > self.worst {
            self.worst = run.recovery;
            self.worst_seed = run.schedule.seed;
        }
        if !run.violations.is_empty() {
            self.broken.push(run);
        }
    }
}

/// How many of a run's last lines are shown.
const LINES: usize = 40;

fn print_broken(run: &Run) {
    let seed = run.schedule.seed;
    println!("Seed {seed}:");
    for violation in &run.violations {
        println!("  {violation}");
    }
    let trace = run.trace.to_string();
    let lines: Vec<&str> = trace.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
        println!("    {line}");
    }
    println!("  The whole of it: workbench simulate --seed {seed} --trace\n");
}

fn minutes(recovery: Recovery) -> String {
    let seconds = recovery.time.as_secs();
    format!("{} min {} s", seconds / 60, seconds % 60)
}
