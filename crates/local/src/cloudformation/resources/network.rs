//! `AWS::EC2::*`: networks.

use serde_json::{Value, json};

use super::one_call::OneCall;
use super::{New, Physical, answered};
use crate::world::Service::Ec2;

/// The resource's tags, and the stack's.
fn tagged(new: &New, kind: &str, properties: &[&str]) -> Value {
    let mut request = new.request(properties);
    let tags = json!([{ "ResourceType": kind, "Tags": new.tags() }]);
    request.insert("TagSpecifications".to_owned(), tags);
    Value::Object(request)
}

/// `Ref` is the id.
pub(super) const VPC: OneCall = OneCall {
    name: "AWS::EC2::VPC",
    properties: &[
        "CidrBlock",
        "EnableDnsHostnames",
        "EnableDnsSupport",
        "InstanceTenancy",
        "Tags",
    ],
    required: &["CidrBlock"],
    attributes: &["CidrBlock", "VpcId"],
    service: Ec2,
    create: ("CreateVpc", |new| {
        tagged(new, "vpc", &["CidrBlock", "InstanceTenancy"])
    }),
    made: |_, new, answer| {
        let id = answered(answer, "/Vpc/VpcId");
        let cidr = new.text("CidrBlock").unwrap_or_default();
        Physical::new(new, &*id, &[("CidrBlock", cidr), ("VpcId", &id)])
    },
    update: None,
    delete: ("DeleteVpc", |vpc| json!({ "VpcId": vpc.id })),
    gone: &["InvalidVpcID.NotFound"],
};

/// `Ref` is the id.
pub(super) const SUBNET: OneCall = OneCall {
    name: "AWS::EC2::Subnet",
    properties: &[
        "AvailabilityZone",
        "CidrBlock",
        "MapPublicIpOnLaunch",
        "Tags",
        "VpcId",
    ],
    required: &["VpcId"],
    attributes: &["AvailabilityZone", "SubnetId", "VpcId"],
    service: Ec2,
    create: ("CreateSubnet", |new| {
        tagged(new, "subnet", &["AvailabilityZone", "CidrBlock", "VpcId"])
    }),
    made: |_, new, answer| {
        let id = answered(answer, "/Subnet/SubnetId");
        let text = |property| new.text(property).unwrap_or_default();
        let attributes = [
            ("AvailabilityZone", text("AvailabilityZone")),
            ("SubnetId", &id),
            ("VpcId", text("VpcId")),
        ];
        Physical::new(new, &*id, &attributes)
    },
    update: None,
    delete: ("DeleteSubnet", |subnet| json!({ "SubnetId": subnet.id })),
    gone: &["InvalidSubnetID.NotFound"],
};

/// `Ref` is the id.
pub(super) const INTERNET_GATEWAY: OneCall = OneCall {
    name: "AWS::EC2::InternetGateway",
    properties: &["Tags"],
    required: &[],
    attributes: &["InternetGatewayId"],
    service: Ec2,
    create: ("CreateInternetGateway", |new| {
        tagged(new, "internet-gateway", &[])
    }),
    made: |_, new, answer| {
        let id = answered(answer, "/InternetGateway/InternetGatewayId");
        Physical::new(new, &*id, &[("InternetGatewayId", &id)])
    },
    update: None,
    delete: (
        "DeleteInternetGateway",
        |gateway| json!({ "InternetGatewayId": gateway.id }),
    ),
    gone: &["InvalidInternetGatewayID.NotFound"],
};

/// `Ref` is a name for it.
pub(super) const VPC_GATEWAY_ATTACHMENT: OneCall = OneCall {
    name: "AWS::EC2::VPCGatewayAttachment",
    properties: &["InternetGatewayId", "VpcId"],
    required: &["InternetGatewayId", "VpcId"],
    attributes: &[],
    service: Ec2,
    create: ("AttachInternetGateway", |new| {
        Value::Object(new.request(&["InternetGatewayId", "VpcId"]))
    }),
    made: |_, new, _| Physical::new(new, new.long_name(128), &[]),
    update: None,
    delete: ("DetachInternetGateway", |attachment| {
        json!({
            "InternetGatewayId": attachment.text("InternetGatewayId"),
            "VpcId": attachment.text("VpcId"),
        })
    }),
    gone: &["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"],
};

/// `Ref` is the id.
pub(super) const ROUTE_TABLE: OneCall = OneCall {
    name: "AWS::EC2::RouteTable",
    properties: &["Tags", "VpcId"],
    required: &["VpcId"],
    attributes: &["RouteTableId"],
    service: Ec2,
    create: ("CreateRouteTable", |new| tagged(new, "route-table", &["VpcId"])),
    made: |_, new, answer| {
        let id = answered(answer, "/RouteTable/RouteTableId");
        Physical::new(new, &*id, &[("RouteTableId", &id)])
    },
    update: None,
    delete: ("DeleteRouteTable", |table| json!({ "RouteTableId": table.id })),
    gone: &["InvalidRouteTableID.NotFound"],
};

/// `Ref` is a name for it.
pub(super) const ROUTE: OneCall = OneCall {
    name: "AWS::EC2::Route",
    properties: &["DestinationCidrBlock", "GatewayId", "RouteTableId"],
    required: &["DestinationCidrBlock", "GatewayId", "RouteTableId"],
    attributes: &["CidrBlock"],
    service: Ec2,
    create: ("CreateRoute", |new| {
        Value::Object(new.request(&["DestinationCidrBlock", "GatewayId", "RouteTableId"]))
    }),
    made: |_, new, _| {
        let cidr = new.text("DestinationCidrBlock").unwrap_or_default();
        Physical::new(new, new.long_name(128), &[("CidrBlock", cidr)])
    },
    update: None,
    delete: ("DeleteRoute", |route| {
        json!({
            "DestinationCidrBlock": route.text("DestinationCidrBlock"),
            "RouteTableId": route.text("RouteTableId"),
        })
    }),
    gone: &["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"],
};

/// `Ref` is the association's id.
pub(super) const SUBNET_ROUTE_TABLE_ASSOCIATION: OneCall = OneCall {
    name: "AWS::EC2::SubnetRouteTableAssociation",
    properties: &["RouteTableId", "SubnetId"],
    required: &["RouteTableId", "SubnetId"],
    attributes: &["Id"],
    service: Ec2,
    create: ("AssociateRouteTable", |new| {
        Value::Object(new.request(&["RouteTableId", "SubnetId"]))
    }),
    made: |_, new, answer| {
        let id = answered(answer, "/AssociationId");
        Physical::new(new, &*id, &[("Id", &id)])
    },
    update: None,
    delete: (
        "DisassociateRouteTable",
        |association| json!({ "AssociationId": association.id }),
    ),
    gone: &["InvalidAssociationID.NotFound"],
};
