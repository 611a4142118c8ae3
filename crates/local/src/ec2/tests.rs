//! The network of a hosting account.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const ACCOUNT: &str = "444455556666";
const OTHER: &str = "777788889999";

fn world() -> World {
    let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
    world.add_account(ACCOUNT);
    world.add_account(OTHER);
    world
}

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(ACCOUNT), Service::Ec2, operation, &input)
}

fn made(world: &mut World, operation: &str, input: Value, id: &str) -> Value {
    let answer = call(world, operation, input).unwrap();
    answer.pointer(id).unwrap().clone()
}

fn code(answer: Result<Value, ApiError>) -> String {
    answer.unwrap_err().code
}

#[test]
fn a_network_is_made_and_unmade_in_the_order_that_its_parts_need() {
    let mut world = world();
    let vpc = made(
        &mut world,
        "CreateVpc",
        json!({ "CidrBlock": "10.0.0.0/16" }),
        "/Vpc/VpcId",
    );
    let gateway = made(
        &mut world,
        "CreateInternetGateway",
        json!({}),
        "/InternetGateway/InternetGatewayId",
    );
    let both = json!({ "VpcId": vpc, "InternetGatewayId": gateway });
    let subnet = json!({ "VpcId": vpc, "CidrBlock": "10.0.0.0/19" });
    let subnet = made(&mut world, "CreateSubnet", subnet, "/Subnet/SubnetId");
    let table = made(
        &mut world,
        "CreateRouteTable",
        json!({ "VpcId": vpc }),
        "/RouteTable/RouteTableId",
    );
    let route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway });
    assert_eq!(
        code(call(&mut world, "CreateRoute", route.clone())),
        "InvalidParameterValue"
    );
    call(&mut world, "AttachInternetGateway", both.clone()).unwrap();
    call(&mut world, "CreateRoute", route.clone()).unwrap();
    assert_eq!(code(call(&mut world, "CreateRoute", route)), "RouteAlreadyExists");
    let associate = json!({ "RouteTableId": table, "SubnetId": subnet });
    let association = made(&mut world, "AssociateRouteTable", associate, "/AssociationId");
    for (operation, input) in [
        ("DeleteVpc", json!({ "VpcId": vpc })),
        ("DeleteInternetGateway", json!({ "InternetGatewayId": gateway })),
        ("DeleteRouteTable", json!({ "RouteTableId": table })),
    ] {
        assert_eq!(
            code(call(&mut world, operation, input)),
            "DependencyViolation",
            "{operation}"
        );
    }
    for (operation, input) in [
        ("DisassociateRouteTable", json!({ "AssociationId": association })),
        (
            "DeleteRoute",
            json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" }),
        ),
        ("DeleteRouteTable", json!({ "RouteTableId": table })),
        ("DeleteSubnet", json!({ "SubnetId": subnet })),
        ("DetachInternetGateway", both),
        ("DeleteInternetGateway", json!({ "InternetGatewayId": gateway })),
        ("DeleteVpc", json!({ "VpcId": vpc })),
    ] {
        call(&mut world, operation, input.clone()).unwrap();
        assert!(call(&mut world, operation, input).is_err(), "{operation} twice");
    }
}

#[test]
fn subnets_lie_within_their_network_and_do_not_overlap() {
    let mut world = world();
    let vpc = made(
        &mut world,
        "CreateVpc",
        json!({ "CidrBlock": "10.0.0.0/16" }),
        "/Vpc/VpcId",
    );
    let mut subnet = |block: &str| {
        let input = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": "us-east-1b" });
        call(&mut world, "CreateSubnet", input).map_err(|error| error.code)
    };
    assert_eq!(subnet("10.1.0.0/24").unwrap_err(), "InvalidSubnet.Range");
    assert_eq!(subnet("10.0.0.1/24").unwrap_err(), "InvalidParameterValue");
    assert_eq!(
        subnet("10.0.1.0/24").unwrap()["Subnet"]["AvailabilityZone"],
        "us-east-1b"
    );
    assert_eq!(subnet("10.0.0.0/19").unwrap_err(), "InvalidSubnet.Conflict");
    assert!(subnet("10.0.2.0/24").is_ok());
}

#[test]
fn an_account_sees_and_changes_only_its_own_network() {
    let mut world = world();
    let vpc = made(
        &mut world,
        "CreateVpc",
        json!({ "CidrBlock": "10.0.0.0/16" }),
        "/Vpc/VpcId",
    );
    let other = Principal::root(OTHER);
    let seen = world
        .call(&other, Service::Ec2, "DescribeVpcs", &json!({}))
        .unwrap();
    assert_eq!(seen["Vpcs"], json!([]));
    for (operation, input) in [
        ("DeleteVpc", json!({ "VpcId": vpc })),
        ("DescribeVpcs", json!({ "VpcIds": [vpc] })),
        (
            "CreateSubnet",
            json!({ "VpcId": vpc, "CidrBlock": "10.0.0.0/24" }),
        ),
    ] {
        let refused = world.call(&other, Service::Ec2, operation, &input);
        assert_eq!(code(refused), "InvalidVpcID.NotFound", "{operation}");
    }
}

#[test]
fn a_flow_log_needs_a_role_that_trusts_its_service_for_this_account() {
    let mut world = world();
    let vpc = made(
        &mut world,
        "CreateVpc",
        json!({ "CidrBlock": "10.0.0.0/16" }),
        "/Vpc/VpcId",
    );
    let root = Principal::root(ACCOUNT);
    let log = |role: &str| {
        json!({ "ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "g",
            "LogDestinationType": "cloud-watch-logs",
            "DeliverLogsPermissionArn": format!("arn:aws:iam::{ACCOUNT}:role/{role}") })
    };
    for (role, source) in [("wrong", OTHER), ("right", ACCOUNT)] {
        let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "vpc-flow-logs.amazonaws.com" }, "Condition": {
                "StringEquals": { "aws:SourceAccount": source },
                "ArnLike": { "aws:SourceArn": format!("arn:aws:ec2:us-east-1:{source}:vpc-flow-log/*") } } }] });
        let input = json!({ "RoleName": role, "AssumeRolePolicyDocument": trust.to_string() });
        world.call(&root, Service::Iam, "CreateRole", &input).unwrap();
    }
    assert_eq!(
        code(call(&mut world, "CreateFlowLogs", log("wrong"))),
        "InvalidParameterValue"
    );
    let id = made(&mut world, "CreateFlowLogs", log("right"), "/FlowLogIds/0");
    let ids = json!({ "FlowLogIds": [id] });
    call(&mut world, "DeleteFlowLogs", ids.clone()).unwrap();
    assert_eq!(
        code(call(&mut world, "DescribeFlowLogs", ids)),
        "InvalidFlowLogId.NotFound"
    );
}
