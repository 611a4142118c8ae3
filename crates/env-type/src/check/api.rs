//! Members of the calls that launch and terminate documents make (AWS API references of Service Catalog and
//! EventBridge). Calls outside the table are not checked.

/// What is known about one call.
pub(super) struct Api {
    service: &'static str,
    name: &'static str,
    /// Every member.
    pub(super) members: &'static [&'static str],
    /// Members without which AWS refuses the call.
    pub(super) required: &'static [&'static str],
}

const APIS: &[Api] = &[
    Api {
        service: "servicecatalog",
        name: "ProvisionProduct",
        members: &[
            "AcceptLanguage",
            "NotificationArns",
            "PathId",
            "PathName",
            "ProductId",
            "ProductName",
            "ProvisionToken",
            "ProvisionedProductName",
            "ProvisioningArtifactId",
            "ProvisioningArtifactName",
            "ProvisioningParameters",
            "ProvisioningPreferences",
            "Tags",
        ],
        required: &["ProductId", "ProvisionedProductName", "ProvisioningArtifactId"],
    },
    Api {
        service: "servicecatalog",
        name: "TerminateProvisionedProduct",
        members: &[
            "AcceptLanguage",
            "IgnoreErrors",
            "ProvisionedProductId",
            "ProvisionedProductName",
            "RetainPhysicalResources",
            "TerminateToken",
        ],
        required: &["ProvisionedProductId"],
    },
    Api {
        service: "servicecatalog",
        name: "DescribeProvisionedProduct",
        members: &["AcceptLanguage", "Id", "Name"],
        required: &["Id"],
    },
    Api {
        service: "servicecatalog",
        name: "DescribeRecord",
        members: &["AcceptLanguage", "Id", "PageSize", "PageToken"],
        required: &["Id"],
    },
    Api {
        service: "events",
        name: "PutEvents",
        members: &["EndpointId", "Entries"],
        required: &["Entries"],
    },
];

/// The call of this service and name, if it is known.
pub(super) fn api(service: &str, name: &str) -> Option<&'static Api> {
    APIS.iter().find(|api| api.service == service && api.name == name)
}
