//! VPCs and subnets.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{describe_tags, described, missing, needed, tags_of, wrong};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

/// A network.
#[derive(Clone)]
pub(super) struct Vpc {
    pub(super) account: String,
    block: Block,
    dns_hostnames: bool,
    dns_support: bool,
    pub(super) tags: BTreeMap<String, String>,
}

/// A part of a network.
#[derive(Clone)]
pub(super) struct Subnet {
    pub(super) account: String,
    pub(super) vpc: String,
    block: Block,
    zone: String,
    public_addresses: bool,
    pub(super) tags: BTreeMap<String, String>,
}

/// A range of addresses, such as `10.0.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    first: u32,
    bits: u32,
}

impl Block {
    /// Reads a range, which must begin where its length says.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let first = u32::from(address.parse::<Ipv4Addr>().ok()?);
        let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
        let block = Self { first, bits };
        (first & block.mask() == first).then_some(block)
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - self.bits).unwrap_or(0)
    }

    fn contains(self, other: Self) -> bool {
        self.bits <= other.bits && other.first & self.mask() == self.first
    }

    fn text(self) -> String {
        format!("{}/{}", Ipv4Addr::from(self.first), self.bits)
    }
}

/// Whether a text is a CIDR block, as rules have it.
pub(super) fn is_cidr(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, bits)| {
        address.parse::<Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 32)
    })
}

impl World {
    /// Creates a VPC with one subnet in an account; their ids.
    pub fn create_network(&mut self, account: &str) -> (String, String) {
        let vpc = self.new_hex_id("vpc-", 17);
        let subnet = self.new_hex_id("subnet-", 17);
        let first = u32::from(Ipv4Addr::new(10, 0, 0, 0));
        self.ec2
            .vpcs
            .insert(vpc.clone(), Vpc::new(account, Block { first, bits: 16 }));
        let zone = format!("{}a", self.region);
        let part = Subnet::new(account, &vpc, Block { first, bits: 19 }, zone);
        self.ec2.subnets.insert(subnet.clone(), part);
        (vpc, subnet)
    }
}

impl Vpc {
    fn new(account: &str, block: Block) -> Self {
        Self {
            account: account.to_owned(),
            block,
            dns_hostnames: false,
            dns_support: true,
            tags: BTreeMap::new(),
        }
    }

    fn describe(&self, id: &str) -> Value {
        json!({
            "VpcId": id,
            "CidrBlock": self.block.text(),
            "OwnerId": self.account,
            "State": "available",
            "IsDefault": false,
            "Tags": describe_tags(&self.tags),
        })
    }
}

impl Subnet {
    fn new(account: &str, vpc: &str, block: Block, zone: String) -> Self {
        Self {
            account: account.to_owned(),
            vpc: vpc.to_owned(),
            block,
            zone,
            public_addresses: false,
            tags: BTreeMap::new(),
        }
    }

    fn describe(&self, id: &str) -> Value {
        json!({
            "SubnetId": id,
            "VpcId": self.vpc,
            "CidrBlock": self.block.text(),
            "AvailabilityZone": self.zone,
            "MapPublicIpOnLaunch": self.public_addresses,
            "OwnerId": self.account,
            "State": "available",
            "Tags": describe_tags(&self.tags),
        })
    }
}

/// Whether the account has this subnet.
pub(crate) fn has_subnet(world: &World, account: &str, id: &str) -> bool {
    subnet(world, account, id).is_ok()
}

/// The account's VPC.
pub(super) fn vpc<'a>(world: &'a World, account: &str, id: &str) -> Result<&'a Vpc, ApiError> {
    let vpc = world.ec2.vpcs.get(id).filter(|vpc| vpc.account == account);
    vpc.ok_or_else(|| missing("InvalidVpcID", id))
}

/// The account's subnet.
pub(super) fn subnet<'a>(world: &'a World, account: &str, id: &str) -> Result<&'a Subnet, ApiError> {
    let subnet = (world.ec2.subnets.get(id)).filter(|subnet| subnet.account == account);
    subnet.ok_or_else(|| missing("InvalidSubnetID", id))
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
        "CreateVpc" => create_vpc(world, account, &read(&["CidrBlock", "TagSpecifications"])?),
        "ModifyVpcAttribute" => {
            let input = read(&["VpcId", "EnableDnsHostnames", "EnableDnsSupport"])?;
            let id = input.text("VpcId")?;
            vpc(world, account, id)?;
            let (hostnames, support) = (
                flag(&input, "EnableDnsHostnames")?,
                flag(&input, "EnableDnsSupport")?,
            );
            if let Some(vpc) = world.ec2.vpcs.get_mut(id) {
                vpc.dns_hostnames = hostnames.unwrap_or(vpc.dns_hostnames);
                vpc.dns_support = support.unwrap_or(vpc.dns_support);
            }
            Ok(json!({}))
        }
        "DescribeVpcAttribute" => {
            let input = read(&["VpcId", "Attribute"])?;
            let vpc = vpc(world, account, input.text("VpcId")?)?;
            match input.text("Attribute")? {
                "enableDnsHostnames" => Ok(json!({ "EnableDnsHostnames": { "Value": vpc.dns_hostnames } })),
                "enableDnsSupport" => Ok(json!({ "EnableDnsSupport": { "Value": vpc.dns_support } })),
                other => Err(wrong(format!("a VPC has no attribute `{other}` here"))),
            }
        }
        "DescribeVpcs" => {
            let ids = read(&["VpcIds"])?.texts("VpcIds")?;
            let own = |vpc: &Vpc| vpc.account == account;
            let vpcs = described(&world.ec2.vpcs, &ids, own, "InvalidVpcID", |id, vpc| {
                vpc.describe(id)
            })?;
            Ok(json!({ "Vpcs": vpcs }))
        }
        "DeleteVpc" => delete_vpc(world, account, read(&["VpcId"])?.text("VpcId")?),
        "CreateSubnet" => create_subnet(
            world,
            account,
            &read(&["VpcId", "CidrBlock", "AvailabilityZone", "TagSpecifications"])?,
        ),
        "ModifySubnetAttribute" => {
            let input = read(&["SubnetId", "MapPublicIpOnLaunch"])?;
            let id = input.text("SubnetId")?;
            subnet(world, account, id)?;
            let given = flag(&input, "MapPublicIpOnLaunch")?;
            if let (Some(subnet), Some(given)) = (world.ec2.subnets.get_mut(id), given) {
                subnet.public_addresses = given;
            }
            Ok(json!({}))
        }
        "DescribeSubnets" => {
            let ids = read(&["SubnetIds"])?.texts("SubnetIds")?;
            let own = |subnet: &Subnet| subnet.account == account;
            let all = &world.ec2.subnets;
            let subnets = described(all, &ids, own, "InvalidSubnetID", |id, subnet| {
                subnet.describe(id)
            })?;
            Ok(json!({ "Subnets": subnets }))
        }
        "DeleteSubnet" => {
            let input = read(&["SubnetId"])?;
            let id = input.text("SubnetId")?;
            subnet(world, account, id)?;
            if crate::sagemaker::uses_subnet(world, account, id) {
                return Err(needed(id, "a notebook instance"));
            }
            world.ec2.subnets.remove(id);
            for table in world.ec2.tables.values_mut() {
                table.subnets.retain(|_, subnet| subnet != id);
            }
            Ok(json!({}))
        }
        "DescribeAvailabilityZones" => {
            read(&[])?;
            let zones: Vec<Value> = (zones(world).into_iter())
                .map(|zone| json!({ "ZoneName": zone, "RegionName": world.region, "State": "available" }))
                .collect();
            Ok(json!({ "AvailabilityZones": zones }))
        }
        _ => Err(ApiError::unknown_operation("ec2", operation)),
    }
}

fn zones(world: &World) -> [String; 3] {
    ["a", "b", "c"].map(|letter| format!("{}{letter}", world.region))
}

fn create_vpc(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let text = input.text("CidrBlock")?;
    let block = Block::parse(text).ok_or_else(|| wrong(format!("CIDR block {text} is malformed")))?;
    if !(16..=28).contains(&block.bits) {
        let message = format!("the CIDR block '{text}' must be from /16 to /28");
        return Err(ApiError::new("InvalidVpc.Range", message));
    }
    let mut vpc = Vpc::new(account, block);
    vpc.tags = tags_of(input, "vpc")?;
    let id = world.new_hex_id("vpc-", 17);
    let answer = json!({ "Vpc": vpc.describe(&id) });
    world.ec2.vpcs.insert(id, vpc);
    Ok(answer)
}

fn delete_vpc(world: &mut World, account: &str, id: &str) -> Result<Value, ApiError> {
    vpc(world, account, id)?;
    let state = &world.ec2;
    let users = [
        ("a subnet", state.subnets.values().any(|it| it.vpc == id)),
        ("a security group", state.groups.values().any(|it| it.vpc == id)),
        ("a route table", state.tables.values().any(|it| it.vpc == id)),
        (
            "an internet gateway",
            state.gateways.values().any(|it| it.vpc.as_deref() == Some(id)),
        ),
    ];
    if let Some((user, _)) = users.into_iter().find(|(_, uses)| *uses) {
        return Err(needed(id, user));
    }
    world.ec2.vpcs.remove(id);
    world.ec2.flow_logs.retain(|_, log| log.resource != id);
    Ok(json!({}))
}

fn create_subnet(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let vpc_id = input.text("VpcId")?;
    let within = vpc(world, account, vpc_id)?.block;
    let text = input.text("CidrBlock")?;
    let block = Block::parse(text).ok_or_else(|| wrong(format!("CIDR block {text} is malformed")))?;
    if !within.contains(block) || block.bits > 28 {
        let message = format!("the CIDR '{text}' is not within that of the VPC, or smaller than /28");
        return Err(ApiError::new("InvalidSubnet.Range", message));
    }
    let overlaps =
        |other: &Subnet| other.vpc == vpc_id && (other.block.contains(block) || block.contains(other.block));
    if world.ec2.subnets.values().any(overlaps) {
        let message = format!("the CIDR '{text}' conflicts with another subnet");
        return Err(ApiError::new("InvalidSubnet.Conflict", message));
    }
    let zones = zones(world);
    let zone = input.optional_text("AvailabilityZone")?.unwrap_or(&zones[0]);
    if !zones.iter().any(|known| known == zone) {
        return Err(wrong(format!(
            "`{zone}` is no availability zone of {}",
            world.region
        )));
    }
    let mut subnet = Subnet::new(account, vpc_id, block, zone.to_owned());
    subnet.tags = tags_of(input, "subnet")?;
    let id = world.new_hex_id("subnet-", 17);
    let answer = json!({ "Subnet": subnet.describe(&id) });
    world.ec2.subnets.insert(id, subnet);
    Ok(answer)
}

/// A boolean that comes as `{ "Value": … }`.
fn flag(input: &Input<'_>, member: &str) -> Result<Option<bool>, ApiError> {
    match input.value(member) {
        None => Ok(None),
        Some(value) => Input::read(member, value, &["Value"])?.flag("Value"),
    }
}
