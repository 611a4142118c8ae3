//! The ways through a document: where they lead, how many status events each sends, and which step outputs
//! have a value where they are used.

use std::collections::BTreeSet;

use crate::document::{Action, Document, Otherwise, Step};
use crate::fault::{Code, Findings, one_of};
use crate::reference::{Reference, references};

/// Why a way leaves a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Success,
    Failure,
}

impl Cause {
    fn words(self) -> &'static str {
        match self {
            Self::Success => "succeeds",
            Self::Failure => "fails or times out",
        }
    }
}

/// One way out of a step: to another, or out of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) to: Option<usize>,
    pub(super) cause: Cause,
}

/// A document without loops whose every target exists.
pub(super) struct Flow {
    /// Ways out of each step, by its place in the document.
    pub(super) edges: Vec<Vec<Edge>>,
    /// Steps that have certainly succeeded when a step starts; `None` if no way leads to it.
    pub(super) succeeded: Vec<Option<BTreeSet<usize>>>,
}

/// Checks the ways and returns them, if they can be followed.
pub(super) fn check(document: &Document, findings: &mut Findings<'_>) -> Option<Flow> {
    let steps = &document.steps;
    for (place, step) in steps.iter().enumerate() {
        if document.position(&step.name) != Some(place) {
            let wrong = format!("a second step `{}`", step.name);
            findings.add(step.line, Code::StepName, wrong, "a name that no other step has");
        }
        if step.action == Action::Branch && step.inputs.get("Default").is_none() {
            let wrong = format!("branch `{}` has no way when no choice applies", step.name);
            findings.add(step.line, Code::BranchDefault, wrong, "`Default` with a step");
        }
        let waits = matches!(step.action, Action::WaitForAwsResourceProperty | Action::Pause);
        if waits && step.timeout_seconds.is_none() {
            let wrong = format!("waiting step `{}` has no time limit of its own", step.name);
            findings.add(step.line, Code::Timeout, wrong, "`timeoutSeconds`");
        }
        if let Otherwise::Step(_, line) = &step.on_cancel {
            let wrong = format!("step `{}` has a way of its own after a cancellation", step.name);
            let right = "no `onCancel`: Systems Manager's notice of the cancelled automation tells Workbench";
            findings.add(*line, Code::CancelWay, wrong, right);
        }
    }
    let edges: Option<Vec<Vec<Edge>>> = (0..steps.len())
        .map(|place| edges_of(document, place, findings))
        .collect::<Vec<_>>()
        .into_iter()
        .collect();
    let edges = edges?;
    let order = order(steps, &edges, findings)?;
    let succeeded = succeeded(&order, &edges);
    for (step, succeeded) in steps.iter().zip(&succeeded) {
        match succeeded {
            None => {
                let wrong = format!("no way leads to step `{}`", step.name);
                findings.add(
                    step.line,
                    Code::StepUnreachable,
                    wrong,
                    "a way to it, or remove it",
                );
            }
            Some(succeeded) => check_outputs(document, step, succeeded, findings),
        }
    }
    check_events(steps, &order, &edges, findings);
    Some(Flow { edges, succeeded })
}

/// The ways out of a step; `None` after reporting a target that does not exist.
fn edges_of(document: &Document, place: usize, findings: &mut Findings<'_>) -> Option<Vec<Edge>> {
    let step = &document.steps[place];
    let below = (place + 1 < document.steps.len()).then_some(place + 1);
    let mut target = |name: &str, line: usize| {
        let found = document.position(name);
        if found.is_none() {
            let names = one_of(document.steps.iter().map(|step| step.name.as_str()));
            findings.add(
                line,
                Code::StepTarget,
                format!("there is no step `{name}`"),
                names,
            );
        }
        found
    };
    let after = match &step.next {
        Some((name, line)) => Some(target(name, *line)?),
        None if step.is_end => None,
        None => below,
    };
    let mut edges = Vec::new();
    let choices = step.choices();
    if step.action == Action::Branch {
        for (name, line) in &choices {
            edges.push(Edge {
                to: Some(target(name, *line)?),
                cause: Cause::Success,
            });
        }
    }
    if step.action != Action::Branch || step.inputs.get("Default").is_none() {
        edges.push(Edge {
            to: after,
            cause: Cause::Success,
        });
    }
    match &step.on_failure {
        Otherwise::Step(name, line) => edges.push(Edge {
            to: Some(target(name, *line)?),
            cause: Cause::Failure,
        }),
        Otherwise::Continue => edges.push(Edge {
            to: after,
            cause: Cause::Failure,
        }),
        Otherwise::Abort if may_fail(step) => edges.push(Edge {
            to: None,
            cause: Cause::Failure,
        }),
        Otherwise::Abort => {}
    }
    Some(edges)
}

/// Whether a failure of a step is of interest: nothing can follow an event that cannot be sent, and a sleep does
/// not fail.
fn may_fail(step: &Step) -> bool {
    !step.is_event() && step.action != Action::Sleep
}

/// Steps such that each comes before those it leads to; `None` after reporting a loop.
fn order(steps: &[Step], edges: &[Vec<Edge>], findings: &mut Findings<'_>) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    fn visit(
        at: usize,
        edges: &[Vec<Edge>],
        marks: &mut [Mark],
        order: &mut Vec<usize>,
    ) -> Result<(), (usize, usize)> {
        marks[at] = Mark::Open;
        for to in edges[at].iter().filter_map(|edge| edge.to) {
            match marks[to] {
                Mark::Open => return Err((at, to)),
                Mark::New => visit(to, edges, marks, order)?,
                Mark::Done => {}
            }
        }
        marks[at] = Mark::Done;
        order.push(at);
        Ok(())
    }
    let mut marks = vec![Mark::New; steps.len()];
    let mut order = Vec::new();
    for start in 0..steps.len() {
        if marks[start] == Mark::New
            && let Err((from, to)) = visit(start, edges, &mut marks, &mut order)
        {
            let wrong = format!(
                "step `{}` leads back to step `{}`",
                steps[from].name, steps[to].name
            );
            findings.add(steps[from].line, Code::StepLoop, wrong, "ways that only go on");
            return None;
        }
    }
    order.reverse();
    Some(order)
}

fn succeeded(order: &[usize], edges: &[Vec<Edge>]) -> Vec<Option<BTreeSet<usize>>> {
    let mut succeeded: Vec<Option<BTreeSet<usize>>> = vec![None; edges.len()];
    if let Some(first) = succeeded.first_mut() {
        *first = Some(BTreeSet::new());
    }
    for &from in order {
        let Some(before) = succeeded[from].clone() else {
            continue;
        };
        for edge in &edges[from] {
            let Some(to) = edge.to else { continue };
            let mut after = before.clone();
            if edge.cause == Cause::Success {
                after.insert(from);
            }
            succeeded[to] = Some(match &succeeded[to] {
                Some(known) => known.intersection(&after).copied().collect(),
                None => after,
            });
        }
    }
    succeeded
}

fn check_outputs(document: &Document, step: &Step, succeeded: &BTreeSet<usize>, findings: &mut Findings<'_>) {
    for (text, line) in step.inputs.scalars() {
        for reference in references(text) {
            if let Reference::Output(name, output) = reference
                && let Some(place) = document.position(name)
                && !succeeded.contains(&place)
            {
                let wrong = format!(
                    "`{name}.{output}` may have no value: on some way to step `{}`, step `{name}` has not succeeded",
                    step.name
                );
                findings.add(
                    line,
                    Code::ReferenceUnavailable,
                    wrong,
                    "a step of its own for that way",
                );
            }
        }
    }
}

/// Follows how many events may have been sent before each step: none, one, more.
fn check_events(steps: &[Step], order: &[usize], edges: &[Vec<Edge>], findings: &mut Findings<'_>) {
    // `sent[step][n]`: some way to the step has sent n events.
    let mut sent = vec![[false; 2]; steps.len()];
    if let Some(first) = sent.first_mut() {
        first[0] = true;
    }
    for &at in order {
        let step = &steps[at];
        let mut after = sent[at];
        if step.is_event() {
            if after[1] {
                let wrong = format!(
                    "some way sends an event before step `{}` sends another",
                    step.name
                );
                findings.add(step.line, Code::EventTwice, wrong, "one event on every way");
            }
            after = [false, after[0] || after[1]];
        }
        for edge in &edges[at] {
            match edge.to {
                Some(to) => (0..2).for_each(|count| sent[to][count] |= after[count]),
                None if after[0] => {
                    let cause = edge.cause;
                    let wrong = format!(
                        "the document ends without event when step `{}` {}",
                        step.name,
                        cause.words()
                    );
                    findings.add(step.line, Code::EventMissing, wrong, mend(cause));
                }
                None => {}
            }
        }
    }
}

fn mend(cause: Cause) -> &'static str {
    match cause {
        Cause::Success => "a PutEvents step after it",
        Cause::Failure => "`onFailure: step:<PutEvents step>`",
    }
}
