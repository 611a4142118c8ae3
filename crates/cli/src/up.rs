//! `workbench up`: the API on a local AWS, over loopback HTTP.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::net::TcpListener;
use workbench_core::registry::environment_types;
use workbench_local::{Endpoints, Fault, OfferedType, Principal, Tokens, Workbench};

/// How often, in real time, events are taken from the queue.
const TICK: Duration = Duration::from_millis(50);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Port of the API; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the local AWS itself, for the AWS CLI and the like; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    aws_port: u16,
    /// How fast simulated time passes: a simulated minute takes 60/SPEED seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    speed: u32,
    /// How many hosting accounts there are, all of them onboarded; the first is the project's
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=200))]
    hosting_accounts: u32,
    /// A fault that strikes from the start, repeatable: drop-events=P, duplicate-events=P, delay-events=P,
    /// reorder-events=P, throttle=SERVICE:OPERATION:P, lose-answers=P, fail-provisioning=TEXT, crash=P
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,
    /// Where the dice of the faults begin
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// File that gets what one needs to use it, as JSON, once it is ready
    #[arg(long, value_name = "F")]
    ready_file: Option<PathBuf>,
}

/// How long, in simulated time, the stacks of hosting accounts take, and being shared with after that.
const ONBOARDING: SignedDuration = SignedDuration::from_mins(20);

/// What one needs to use it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    api_url: String,
    tokens: Tokens,
    project_id: String,
    hosting_account_id: String,
    env_types: Vec<OfferedType>,
    aws: LocalEndpoint,
}

/// The local AWS for other programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocalEndpoint {
    endpoint_url: String,
    region: String,
    main_account: Keys,
    hosting_account: Keys,
}

/// Credentials of an account's root.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    account_id: String,
    access_key_id: String,
    secret_access_key: String,
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let api = listen(arguments.port).await?;
    let aws = listen(arguments.aws_port).await?;
    let mut workbench = Workbench::start(Timestamp::now(), Endpoints::FromEnvironment).await?;
    open_accounts(&mut workbench, arguments.hosting_accounts).await?;
    let mut env_types = Vec::new();
    for ty in environment_types() {
        let offered = workbench.offer(ty).await.map_err(|answer| {
            anyhow::anyhow!(
                "offering {}: the API answered {}: {}",
                ty.name,
                answer.status,
                answer.body
            )
        })?;
        env_types.push(offered);
    }
    let ready = Ready {
        api_url: format!("http://{}", api.local_addr()?),
        tokens: workbench.people.tokens(),
        project_id: workbench.project_id.to_string(),
        hosting_account_id: workbench.hosting.account.clone(),
        env_types,
        aws: LocalEndpoint {
            endpoint_url: format!("http://{}", aws.local_addr()?),
            region: workbench.aws.region().to_owned(),
            main_account: keys(&workbench, &workbench.main.account),
            hosting_account: keys(&workbench, &workbench.hosting.account),
        },
    };

    let local_aws = workbench.aws.clone();
    let servers = tokio::spawn({
        let router = workbench.router();
        async move { axum::serve(api, router).await }
    });
    let emulator = tokio::spawn(async move { local_aws.serve(aws).await });
    workbench.aws.follow_real_time(f64::from(arguments.speed));
    switch_on(&workbench, arguments);
    let delivery = tokio::spawn(deliver_events(workbench.clone()));
    announce(&ready);
    announce_faults(arguments);
    if let Some(file) = &arguments.ready_file {
        write_ready(file, &ready)?;
    }
    tokio::select! {
        done = servers => done?.context("the API's server stopped")?,
        done = emulator => done?.context("the local AWS's server stopped")?,
        done = delivery => done?,
        signal = tokio::signal::ctrl_c() => signal?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} can not be used; name another one"))
}

fn keys(workbench: &Workbench, account: &str) -> Keys {
    let keys = workbench.aws.credentials(&Principal::root(account));
    Keys {
        account_id: account.to_owned(),
        access_key_id: keys.access_key_id().to_owned(),
        secret_access_key: keys.secret_access_key().to_owned(),
    }
}

/// Opens further accounts as their admins would, and waits until the account function has seen to them.
async fn open_accounts(workbench: &mut Workbench, wanted: u32) -> anyhow::Result<()> {
    let numbers: Vec<String> = (2..=wanted).map(|index| format!("7{index:011}")).collect();
    if numbers.is_empty() {
        return Ok(());
    }
    workbench.allow_hosts(&numbers).await?;
    for number in &numbers {
        let opened = workbench.open_account(number, &format!("host-{number}")).await;
        opened.with_context(|| format!("hosting account {number} can not be opened"))?;
    }
    let ready = workbench.aws.now() + ONBOARDING;
    workbench.run_until(ready).await;
    Ok(())
}

/// Lets the faults strike, now that everything is installed.
fn switch_on(workbench: &Workbench, arguments: &Arguments) {
    let faults = &mut workbench.aws.world().faults;
    faults.seed(arguments.seed);
    for fault in &arguments.faults {
        faults.switch_on(fault.clone());
    }
}

fn announce_faults(arguments: &Arguments) {
    let faults: Vec<String> = arguments.faults.iter().map(ToString::to_string).collect();
    if !faults.is_empty() {
        println!("\nFaults       {}  (seed {})", faults.join(", "), arguments.seed);
    }
}

/// Hands events to the functions as they come. The time passes by itself.
async fn deliver_events(workbench: Workbench) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        workbench.deliver_events().await;
    }
}

/// The file appears whole or not at all: whoever waits for it may read it at once.
fn write_ready(file: &Path, ready: &Ready) -> anyhow::Result<()> {
    let draft = file.with_extension("tmp");
    std::fs::write(&draft, serde_json::to_vec_pretty(ready)?)
        .and_then(|()| std::fs::rename(&draft, file))
        .with_context(|| format!("{} can not be written", file.display()))
}

fn announce(ready: &Ready) {
    let Ready {
        api_url,
        tokens,
        project_id,
        env_types,
        aws,
        ..
    } = ready;
    println!("Workbench runs on a local AWS. Ctrl-C stops it, and forgets everything.\n");
    println!("API          {api_url}");
    println!("Local AWS    {}  (region {})", aws.endpoint_url, aws.region);
    println!("Project      {project_id}");
    println!("IT admin     {}", tokens.it_admin);
    println!("Proj. admin  {}", tokens.project_admin);
    println!("Researcher   {}\n", tokens.researcher);
    let Some(offered) = env_types.first() else { return };
    println!("Launch an environment, and look at it:\n");
    println!(
        "  export WORKBENCH_URL={api_url} WORKBENCH_TOKEN={}",
        tokens.researcher
    );
    println!(
        "  workbench env launch --name test --config {} --wait",
        offered.type_name
    );
    println!("  workbench env connect test\n");
    println!("Machines are simulated: their links lead nowhere.\n");
    println!("The same request without the command:\n");
    println!(
        "  curl -s -X POST {api_url}/environments -H 'Authorization: {}' -d '{{",
        tokens.researcher
    );
    println!(
        "    \"name\": \"test\", \"description\": \"my first one\", \"projectId\": \"{project_id}\", \"datasetIds\": [],"
    );
    println!(
        "    \"envTypeId\": \"{}\", \"envTypeConfigId\": \"{}\",",
        offered.env_type_id, offered.env_type_config_id
    );
    println!("    \"envType\": \"{}\" }}'", offered.type_name);
}
