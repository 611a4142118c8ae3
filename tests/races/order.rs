//! Two requests at once, in an order that is chosen call by call.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use workbench_local::Answer;
use workbench_tests::Stage;

/// How often somebody who is waiting for the other is looked at before the other goes on.
const LOOKS: usize = 20;

/// A request that is under way.
type Request<'r> = Pin<Box<dyn Future<Output = Answer> + 'r>>;

/// In which order two requests make their AWS calls. The first order lets one of them go first all the way.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Whether the second goes next, each time that either could.
    second: Vec<bool>,
    decisions: usize,
}

impl Order {
    /// The second goes all the way once the first has made so many calls.
    pub(super) fn cutting_in_after(calls: usize) -> Self {
        /// More than any request makes.
        const ALL: usize = 200;
        let mut second = vec![false; calls];
        second.resize(calls + ALL, true);
        Self { second, decisions: 0 }
    }

    /// Turns to the next order that was not tried yet; false if all were.
    pub(super) fn turn(&mut self) -> bool {
        while let Some(second) = self.second.pop() {
            if !second {
                self.second.push(true);
                return true;
            }
        }
        false
    }

    /// Runs both requests in this order; their answers.
    pub(super) async fn run(&mut self, stage: &Stage, requests: [Request<'_>; 2]) -> [Answer; 2] {
        stage.workbench.aws.world().faults.turns = true;
        self.decisions = 0;
        let mut requests = requests;
        let mut answers = [None, None];
        // Each comes as far as its first call.
        for who in 0..2 {
            answers[who] = poll(&mut requests[who]).await;
        }
        while answers.iter().any(Option::is_none) {
            let who = match &answers {
                [None, None] => usize::from(self.decide()),
                [first, _] => usize::from(first.is_some()),
            };
            answers[who] = one_call(stage, &mut requests[who]).await;
        }
        stage.workbench.aws.world().faults.turns = false;
        answers.map(|answer| answer.unwrap())
    }

    fn decide(&mut self) -> bool {
        if self.decisions == self.second.len() {
            self.second.push(false);
        }
        self.decisions += 1;
        self.second[self.decisions - 1]
    }
}

/// Lets a request make one call, unless it waits for the other one.
async fn one_call(stage: &Stage, request: &mut Request<'_>) -> Option<Answer> {
    let calls = || stage.workbench.aws.world().calls().len();
    let before = calls();
    for _ in 0..LOOKS {
        let answer = poll(request).await;
        if answer.is_some() || calls() > before {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    None
}

async fn poll(request: &mut Request<'_>) -> Option<Answer> {
    poll_fn(|context| {
        Poll::Ready(match request.as_mut().poll(context) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        })
    })
    .await
}

#[test]
fn every_order_of_two_and_two_calls_comes_once() {
    let mut order = Order::default();
    let mut seen = Vec::new();
    loop {
        order.decisions = 0;
        let mut left = [2, 2];
        let mut made = String::new();
        while left != [0, 0] {
            let second = left[0] == 0 || left[1] > 0 && order.decide();
            left[usize::from(second)] -= 1;
            made.push(if second { 'b' } else { 'a' });
        }
        seen.push(made);
        if !order.turn() {
            break;
        }
    }
    assert_eq!(seen, ["aabb", "abab", "abba", "baab", "baba", "bbaa"]);
}
