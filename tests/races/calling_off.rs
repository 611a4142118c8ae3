//! Somebody calls a launch off while the sweep gives it its turn: either it begins, or it never does.

use axum::http::StatusCode;
use serde_json::Value;
use workbench_aws::Error;
use workbench_core::action::Change;
use workbench_local::{Answer, ApiError, Service};
use workbench_tests::Stage;

use super::in_every_order;
use super::order::Order;

/// The next automation finds no room.
fn fill(stage: &Stage) {
    let error = ApiError::new("AutomationExecutionLimitExceededException", "100 run already");
    stage.refuse(Service::Ssm, "StartAutomationExecution", &error, 1);
}

/// A sweep, as the harness of two requests takes it.
async fn sweep(stage: &Stage) -> Answer {
    stage.workbench.sweep().await.unwrap();
    Answer {
        status: StatusCode::OK,
        body: Value::Null,
    }
}

/// The wish to call a launch off, from the read of its row on: what comes before is the same for all requests.
async fn call_off(stage: &Stage, id: &str) -> Answer {
    let environment = stage.row(id).await;
    let user = stage.workbench.people.researcher.user_id;
    let done = stage
        .workbench
        .cloud
        .act(environment, user, Change::Terminate)
        .await;
    let status = match done {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            let refused = matches!(error, Error::Refused(workbench_core::Error::WrongState(_)));
            assert!(refused, "{error}");
            StatusCode::BAD_REQUEST
        }
    };
    Answer {
        status,
        body: Value::Null,
    }
}

/// A launch that waits, and is due. Whoever waited before is forgotten.
async fn waiting(stage: &Stage) -> String {
    stage.pass_unheard(jiff::SignedDuration::from_mins(5));
    fill(stage);
    let id = stage.launch().await;
    stage.pass_unheard(jiff::SignedDuration::from_mins(1));
    id
}

#[tokio::test]
async fn of_a_turn_and_the_wish_to_call_the_launch_off_one_wins() {
    let stage = Stage::new().await;
    let (mut called_off, mut begun_in_all, mut running) = (0, 0, 0);
    let orders = in_every_order(&stage, async |_, order| {
        let id = waiting(&stage).await;
        stage.workbench.aws.world().forget_calls();
        let answers = order
            .run(&stage, [Box::pin(sweep(&stage)), Box::pin(call_off(&stage, &id))])
            .await;
        let begun = stage.calls("StartAutomationExecution");
        let row = stage.row(&id).await;
        match answers[1].status.as_u16() {
            204 => {
                called_off += 1;
                assert_eq!((begun, row.status().label()), (0, "TERMINATED"), "{order:?}");
            }
            400 => {
                assert_eq!((begun, row.status().label()), (1, "PENDING"), "{order:?}");
                assert!(row.execution.is_some(), "{order:?}");
            }
            status => panic!("{status}: {order:?}"),
        }
        begun_in_all += begun;
        running += begun;
        // Systems Manager has room for a hundred.
        if running == 50 {
            stage.settle().await;
            running = 0;
        }
    })
    .await;
    println!("{orders} orders, called off in {called_off}");
    assert!(
        orders >= 20 && called_off > 0 && called_off < orders,
        "{orders} {called_off}"
    );
}

#[tokio::test]
async fn of_a_turn_without_room_and_the_wish_to_call_the_launch_off_nothing_is_left() {
    let stage = Stage::new().await;
    let mut called_off = 0;
    let orders = in_every_order(&stage, async |_, order| {
        let id = waiting(&stage).await;
        fill(&stage);
        stage.workbench.aws.world().forget_calls();
        let answers = order
            .run(&stage, [Box::pin(sweep(&stage)), Box::pin(call_off(&stage, &id))])
            .await;
        assert_eq!(stage.calls("StartAutomationExecution"), 0, "{order:?}");
        called_off += usize::from(answers[1].status == 204);
        // Whoever was refused asks again, and is heard.
        assert_eq!(stage.act(&id, "terminate").await.status, 204, "{order:?}");
        assert_eq!(stage.status(&id).await, "TERMINATED", "{order:?}");
        stage.pass_unheard(jiff::SignedDuration::from_mins(1));
        stage.workbench.sweep().await.unwrap();
        assert_eq!(stage.products(), 0, "{order:?}");
    })
    .await;
    println!("{orders} orders, called off in {called_off}");
    assert!(orders >= 20 && called_off > 0, "{orders} {called_off}");
}

#[tokio::test]
async fn of_two_sweeps_at_once_one_gives_the_turn() {
    let stage = Stage::new().await;
    // All orders would be hundreds of thousands: here, one of the two is cut in at each call of the other.
    for calls in 0..20 {
        let mut order = Order::cutting_in_after(calls);
        let id = waiting(&stage).await;
        stage.workbench.aws.world().forget_calls();
        order
            .run(&stage, [Box::pin(sweep(&stage)), Box::pin(sweep(&stage))])
            .await;
        assert_eq!(stage.calls("StartAutomationExecution"), 1, "{order:?}");
        assert!(stage.row(&id).await.execution.is_some(), "{order:?}");
        stage.settle().await;
        assert_eq!(stage.products(), 1, "{order:?}");
        stage.act(&id, "terminate").await;
        stage.settle().await;
    }
}
