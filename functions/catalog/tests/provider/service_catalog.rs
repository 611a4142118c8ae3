//! As much of Service Catalog as products need.

use std::collections::BTreeMap;

use serde_json::{Value, json};

#[derive(Debug, Default)]
pub(crate) struct ServiceCatalog {
    pub(crate) products: BTreeMap<String, Product>,
    /// The operations that were called.
    pub(crate) calls: Vec<String>,
    /// What each idempotency token made.
    made: BTreeMap<String, Value>,
    /// URL and name of each template that was asked for; whether Service Catalog checks it is up to it.
    pub(crate) templates: Vec<(String, String)>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Product {
    pub(crate) name: String,
    pub(crate) description: String,
    /// Names of versions by id.
    pub(crate) versions: BTreeMap<String, String>,
    /// Whether environments run in it.
    pub(crate) in_use: bool,
    /// Whether its next version comes out FAILED.
    pub(crate) fails: bool,
}

type Answer = (u16, String);

impl ServiceCatalog {
    pub(crate) fn call(&mut self, operation: &str, body: &str) -> Answer {
        self.calls.push(operation.to_owned());
        let asked: Value = serde_json::from_str(body).unwrap();
        let id = asked["Id"].as_str().or(asked["ProductId"].as_str());
        if let Some(token) = asked["IdempotencyToken"].as_str()
            && let Some(made) = self.made.get(token)
        {
            return (200, made.to_string());
        }
        let answer = match (operation, id) {
            ("CreateProduct", None) => self.create(&asked),
            (_, Some(id)) if !self.products.contains_key(id) => {
                return refused("ResourceNotFoundException", "no such product");
            }
            ("DescribeProductAsAdmin", Some(id)) => self.describe(id),
            ("CreateProvisioningArtifact", Some(id)) => self.add_version(id, &asked["Parameters"]),
            ("UpdateProduct", Some(id)) => {
                let product = self.products.get_mut(id).unwrap();
                product.name = text(&asked["Name"]);
                product.description = text(&asked["Description"]);
                json!({})
            }
            ("DeleteProduct", Some(id)) => {
                if self.products[id].in_use {
                    return refused("ResourceInUseException", "the product has provisioned products");
                }
                self.products.remove(id);
                json!({})
            }
            other => panic!("{other:?} is not expected"),
        };
        if let Some(token) = asked["IdempotencyToken"].as_str() {
            self.made.insert(token.to_owned(), answer.clone());
        }
        (200, answer.to_string())
    }

    /// The operations called since the last time.
    pub(crate) fn take_calls(&mut self) -> Vec<String> {
        std::mem::take(&mut self.calls)
    }

    fn create(&mut self, asked: &Value) -> Value {
        assert_eq!(asked["Owner"], "Workbench");
        assert_eq!(asked["ProductType"], "CLOUD_FORMATION_TEMPLATE");
        let id = format!("prod-{:013}", self.products.len() + 1);
        let product = Product {
            name: text(&asked["Name"]),
            description: text(&asked["Description"]),
            ..Product::default()
        };
        self.products.insert(id.clone(), product);
        let mut answer = self.add_version(&id, &asked["ProvisioningArtifactParameters"]);
        answer["ProductViewDetail"] = json!({ "ProductViewSummary": { "ProductId": id } });
        answer
    }

    fn add_version(&mut self, id: &str, parameters: &Value) -> Value {
        assert_eq!(parameters["Type"], "CLOUD_FORMATION_TEMPLATE");
        assert_ne!(parameters["DisableTemplateValidation"], true);
        let name = text(&parameters["Name"]);
        let url = text(&parameters["Info"]["LoadTemplateFromURL"]);
        self.templates.push((url, name.clone()));
        let number: usize = self.products.values().map(|product| product.versions.len()).sum();
        let version = format!("pa-{:013}", number + 1);
        let product = self.products.get_mut(id).unwrap();
        product.versions.insert(version.clone(), name);
        let status = if product.fails { "FAILED" } else { "CREATING" };
        json!({ "ProvisioningArtifactDetail": { "Id": version }, "Status": status })
    }

    fn describe(&self, id: &str) -> Value {
        let product = &self.products[id];
        let versions = product.versions.iter();
        let versions: Vec<Value> = versions
            .map(|(id, name)| json!({ "Id": id, "Name": name }))
            .collect();
        json!({
            "ProductViewDetail": { "ProductViewSummary": {
                "ProductId": id, "Name": product.name, "ShortDescription": product.description,
            } },
            "ProvisioningArtifactSummaries": versions,
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn refused(code: &str, message: &str) -> Answer {
    (400, json!({ "__type": code, "Message": message }).to_string())
}
