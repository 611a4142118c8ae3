//! Internet gateways, route tables and their routes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::network::{self, Block};
use super::{describe_tags, described, missing, needed, tags_of, wrong};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

/// A way from a network to the internet.
#[derive(Clone)]
pub(super) struct InternetGateway {
    pub(super) account: String,
    /// The network that it is attached to.
    pub(super) vpc: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
}

/// Where traffic of subnets goes.
#[derive(Clone)]
pub(super) struct RouteTable {
    pub(super) account: String,
    pub(super) vpc: String,
    /// Gateway by destination.
    routes: BTreeMap<String, String>,
    /// Subnet by association.
    pub(super) subnets: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
}

impl InternetGateway {
    fn describe(&self, id: &str) -> Value {
        let attached = self.vpc.iter();
        let attached: Vec<Value> = attached
            .map(|vpc| json!({ "VpcId": vpc, "State": "available" }))
            .collect();
        json!({
            "InternetGatewayId": id,
            "OwnerId": self.account,
            "Attachments": attached,
            "Tags": describe_tags(&self.tags),
        })
    }
}

impl RouteTable {
    fn describe(&self, id: &str) -> Value {
        let routes: Vec<Value> = (self.routes.iter())
            .map(|(to, by)| json!({ "DestinationCidrBlock": to, "GatewayId": by, "State": "active" }))
            .collect();
        let associations: Vec<Value> = (self.subnets.iter())
            .map(|(association, subnet)| {
                json!({
                    "RouteTableAssociationId": association,
                    "RouteTableId": id,
                    "SubnetId": subnet,
                    "Main": false,
                })
            })
            .collect();
        json!({
            "RouteTableId": id,
            "VpcId": self.vpc,
            "OwnerId": self.account,
            "Routes": routes,
            "Associations": associations,
            "Tags": describe_tags(&self.tags),
        })
    }
}

pub(super) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    let account = principal.account.as_str();
    match operation {
        "CreateInternetGateway" => {
            let tags = tags_of(&read(&["TagSpecifications"])?, "internet-gateway")?;
            let gateway = InternetGateway {
                account: account.to_owned(),
                vpc: None,
                tags,
            };
            let id = world.new_hex_id("igw-", 17);
            let answer = json!({ "InternetGateway": gateway.describe(&id) });
            world.ec2.gateways.insert(id, gateway);
            Ok(answer)
        }
        "AttachInternetGateway" => attach(world, account, &read(&["InternetGatewayId", "VpcId"])?),
        "DetachInternetGateway" => {
            let input = read(&["InternetGatewayId", "VpcId"])?;
            let vpc = input.text("VpcId")?;
            let gateway = gateway(world, account, input.text("InternetGatewayId")?)?;
            if gateway.vpc.as_deref() != Some(vpc) {
                let message = format!("the gateway is not attached to '{vpc}'");
                return Err(ApiError::new("Gateway.NotAttached", message));
            }
            gateway.vpc = None;
            Ok(json!({}))
        }
        "DescribeInternetGateways" => {
            let ids = read(&["InternetGatewayIds"])?.texts("InternetGatewayIds")?;
            let own = |gateway: &InternetGateway| gateway.account == account;
            let all = &world.ec2.gateways;
            let found = described(all, &ids, own, "InvalidInternetGatewayID", |id, it| {
                it.describe(id)
            })?;
            Ok(json!({ "InternetGateways": found }))
        }
        "DeleteInternetGateway" => {
            let input = read(&["InternetGatewayId"])?;
            let id = input.text("InternetGatewayId")?;
            if let Some(vpc) = &gateway(world, account, id)?.vpc {
                return Err(needed(id, vpc));
            }
            world.ec2.gateways.remove(id);
            Ok(json!({}))
        }
        "CreateRouteTable" => {
            let input = read(&["VpcId", "TagSpecifications"])?;
            let vpc = input.text("VpcId")?;
            network::vpc(world, account, vpc)?;
            let table = RouteTable {
                account: account.to_owned(),
                vpc: vpc.to_owned(),
                routes: BTreeMap::new(),
                subnets: BTreeMap::new(),
                tags: tags_of(&input, "route-table")?,
            };
            let id = world.new_hex_id("rtb-", 17);
            let answer = json!({ "RouteTable": table.describe(&id) });
            world.ec2.tables.insert(id, table);
            Ok(answer)
        }
        "DescribeRouteTables" => {
            let ids = read(&["RouteTableIds"])?.texts("RouteTableIds")?;
            let own = |table: &RouteTable| table.account == account;
            let all = &world.ec2.tables;
            let found = described(all, &ids, own, "InvalidRouteTableID", |id, it| it.describe(id))?;
            Ok(json!({ "RouteTables": found }))
        }
        "DeleteRouteTable" => {
            let input = read(&["RouteTableId"])?;
            let id = input.text("RouteTableId")?;
            if let Some(subnet) = table(world, account, id)?.subnets.values().next() {
                return Err(needed(id, subnet));
            }
            world.ec2.tables.remove(id);
            Ok(json!({}))
        }
        _ => routes(world, account, operation, input),
    }
}

/// What concerns the inside of a route table.
fn routes(world: &mut World, account: &str, operation: &str, input: &Value) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    match operation {
        "CreateRoute" => create_route(
            world,
            account,
            &read(&["RouteTableId", "DestinationCidrBlock", "GatewayId"])?,
        ),
        "DeleteRoute" => {
            let input = read(&["RouteTableId", "DestinationCidrBlock"])?;
            let to = input.text("DestinationCidrBlock")?;
            let removed = table(world, account, input.text("RouteTableId")?)?
                .routes
                .remove(to);
            removed
                .map(|_| json!({ "Return": true }))
                .ok_or_else(|| missing("InvalidRoute", to))
        }
        "AssociateRouteTable" => {
            let input = read(&["RouteTableId", "SubnetId"])?;
            let (id, subnet) = (input.text("RouteTableId")?, input.text("SubnetId")?);
            let vpc = network::subnet(world, account, subnet)?.vpc.clone();
            let mut all = world.ec2.tables.values();
            if all.any(|table| table.subnets.values().any(|known| known == subnet)) {
                let message = format!("'{subnet}' is associated with a route table already");
                return Err(ApiError::new("Resource.AlreadyAssociated", message));
            }
            let association = world.new_hex_id("rtbassoc-", 17);
            let table = table(world, account, id)?;
            if table.vpc != vpc {
                return Err(wrong(format!(
                    "'{id}' and '{subnet}' belong to different networks"
                )));
            }
            table.subnets.insert(association.clone(), subnet.to_owned());
            Ok(json!({ "AssociationId": association }))
        }
        "DisassociateRouteTable" => {
            let input = read(&["AssociationId"])?;
            let id = input.text("AssociationId")?;
            let mut own = (world.ec2.tables.values_mut()).filter(|table| table.account == account);
            let removed = own.find_map(|table| table.subnets.remove(id));
            removed
                .map(|_| json!({}))
                .ok_or_else(|| missing("InvalidAssociationID", id))
        }
        _ => Err(ApiError::unknown_operation("ec2", operation)),
    }
}

/// A network has one internet gateway, and a gateway one network.
fn attach(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let (id, vpc) = (input.text("InternetGatewayId")?, input.text("VpcId")?);
    network::vpc(world, account, vpc)?;
    let mut others = world.ec2.gateways.values();
    if others.any(|gateway| gateway.vpc.as_deref() == Some(vpc)) {
        return Err(wrong(format!(
            "network '{vpc}' already has an internet gateway attached"
        )));
    }
    let gateway = gateway(world, account, id)?;
    if gateway.vpc.is_some() {
        let message = format!("'{id}' is attached to another network");
        return Err(ApiError::new("Resource.AlreadyAssociated", message));
    }
    gateway.vpc = Some(vpc.to_owned());
    Ok(json!({}))
}

fn create_route(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let (to, by) = (input.text("DestinationCidrBlock")?, input.text("GatewayId")?);
    Block::parse(to).ok_or_else(|| wrong(format!("CIDR block {to} is malformed")))?;
    let attached = gateway(world, account, by)?.vpc.clone();
    let table = table(world, account, input.text("RouteTableId")?)?;
    if attached.as_ref() != Some(&table.vpc) {
        return Err(wrong(format!(
            "the route table and '{by}' belong to different networks"
        )));
    }
    if table.routes.contains_key(to) {
        let message = format!("the route identified by {to} already exists");
        return Err(ApiError::new("RouteAlreadyExists", message));
    }
    table.routes.insert(to.to_owned(), by.to_owned());
    Ok(json!({ "Return": true }))
}

fn gateway<'a>(world: &'a mut World, account: &str, id: &str) -> Result<&'a mut InternetGateway, ApiError> {
    let gateway = world.ec2.gateways.get_mut(id);
    gateway
        .filter(|gateway| gateway.account == account)
        .ok_or_else(|| missing("InvalidInternetGatewayID", id))
}

fn table<'a>(world: &'a mut World, account: &str, id: &str) -> Result<&'a mut RouteTable, ApiError> {
    let table = world.ec2.tables.get_mut(id);
    table
        .filter(|table| table.account == account)
        .ok_or_else(|| missing("InvalidRouteTableID", id))
}
