//! Resource types that are taken and make nothing: there is no such service here.
//!
//! Each is listed by its name with what `Ref` and `Fn::GetAtt` come to; their properties are evaluated and not read.

use serde_json::Value;

use super::{Caller, Change, New, Physical, ResourceType};

/// Templates of ids and attributes: `{account}`, `{region}`, `{suffix}` and `{name}`, which is a generated name;
/// `{Property}` is a property, or else a generated name; attributes also have `{id}`.
struct Inert {
    name: &'static str,
    id: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    /// The names of the attributes.
    attribute_names: &'static [&'static str],
}

macro_rules! inert {
    ($($name:literal => $id:literal { $($attribute:literal: $value:literal),* };)*) => {
        static TYPES: &[Inert] = &[$(Inert {
            name: $name,
            id: $id,
            attributes: &[$(($attribute, $value)),*],
            attribute_names: &[$($attribute),*],
        }),*];

        /// The names of the types that CloudFormation takes here and that make nothing.
        pub const INERT_TYPES: &[&str] = &[$($name),*];
    };
}

inert! {
    "AWS::ApiGateway::Account" => "{name}" {};
    "AWS::ApiGateway::Deployment" => "{suffix}" { "DeploymentId": "{id}" };
    "AWS::ApiGateway::RestApi" => "{suffix}" { "RestApiId": "{id}", "RootResourceId": "root{suffix}" };
    "AWS::ApiGateway::Stage" => "{StageName}" {};
    "AWS::CloudWatch::Alarm" => "{AlarmName}" {
        "Arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"
    };
    "AWS::EC2::FlowLog" => "fl-{suffix}" { "Id": "{id}" };
    "AWS::Lambda::EventInvokeConfig" => "{name}" {};
    "AWS::Logs::LogGroup" => "{LogGroupName}" {
        "Arn": "arn:aws:logs:{region}:{account}:log-group:{id}:*"
    };
    "AWS::SNS::Subscription" => "arn:aws:sns:{region}:{account}:{name}" { "Arn": "{id}" };
    "AWS::SNS::Topic" => "arn:aws:sns:{region}:{account}:{TopicName}" {
        "TopicArn": "{id}", "TopicName": "{TopicName}"
    };
    "AWS::SNS::TopicPolicy" => "{name}" { "Id": "{id}" };
}

/// The inert type with this name.
pub(super) fn find(name: &str) -> Option<&'static dyn ResourceType> {
    let kind = TYPES.iter().find(|kind| kind.name == name)?;
    Some(kind)
}

fn filled(template: &str, caller: &Caller<'_>, new: &New, id: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        text.push_str(before);
        match name {
            "account" => text.push_str(&caller.principal.account),
            "region" => text.push_str(&caller.world.region),
            "suffix" => text.push_str(&new.suffix),
            "id" => text.push_str(id),
            property => match new.text(property) {
                Some(value) => text.push_str(value),
                None => text.push_str(&new.long_name(128)),
            },
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

impl ResourceType for Inert {
    fn name(&self) -> &'static str {
        self.name
    }

    fn properties(&self) -> &'static [&'static str] {
        &[]
    }

    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    fn attributes(&self) -> &'static [&'static str] {
        self.attribute_names
    }

    fn knows_property(&self, _property: &str) -> bool {
        true
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let mut made = Physical::new(new, filled(self.id, caller, new, ""), &[]);
        for (name, template) in self.attributes {
            let value = filled(template, caller, new, &made.id);
            made.attributes.insert((*name).to_owned(), Value::from(value));
        }
        Ok(made)
    }

    fn update(&self, _caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        Ok(old.changed(new))
    }

    fn delete(&self, _caller: &mut Caller<'_>, _physical: &mut Physical) -> Result<bool, String> {
        Ok(true)
    }
}
