//! The domain's texts as the OpenAPI document describes them: their patterns, words and examples.
//!
//! The domain knows nothing of OpenAPI. A field of a wire type names one of these as its `value_type`.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use workbench_core::registry;

use crate::time::IsoTime;

/// UUIDs as ids have them.
const UUID: &str = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/// A part of an email address before the `@`.
const EMAIL_NAME: &str = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";

/// A part of a domain's name.
const LABEL: &str = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";

fn pattern(pattern: String, example: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some(pattern))
        .examples([example]);
    RefOr::T(Schema::Object(text.build()))
}

fn words(words: &[&str]) -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(words.iter().copied()));
    RefOr::T(Schema::Object(text.build()))
}

fn env_type_names() -> Vec<&'static str> {
    registry::environment_types().iter().map(|ty| ty.name).collect()
}

fn numbers(numbers: &[i64]) -> RefOr<Schema> {
    let number = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .enum_values(Some(numbers.iter().copied()));
    RefOr::T(Schema::Object(number.build()))
}

fn email() -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some(format!(
            "^{EMAIL_NAME}(\\.{EMAIL_NAME})*@{LABEL}(\\.{LABEL})+$"
        )))
        .max_length(Some(128))
        .examples(["ada@example.org"]);
    RefOr::T(Schema::Object(text.build()))
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $schema:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

texts! {
    /// An environment's id.
    EnvironmentId = pattern(format!("^env-{UUID}$"), "env-b590a734-5adc-4a43-a24b-edf3795b812d");
    /// A project's id.
    ProjectId = pattern(format!("^proj-{UUID}$"), "proj-b590a734-5adc-4a43-a24b-edf3795b812d");
    /// A configuration's id.
    EnvTypeConfigId = pattern(format!("^etc-{UUID}$"), "etc-b590a734-5adc-4a43-a24b-edf3795b812d");
    /// A cost centre's id.
    CostCenterId = pattern(format!("^cc-{UUID}$"), "cc-b590a734-5adc-4a43-a24b-edf3795b812d");
    /// A hosting account's id.
    AccountId = pattern(format!("^acc-{UUID}$"), "acc-b590a734-5adc-4a43-a24b-edf3795b812d");
    /// A user's id.
    UserId = pattern(format!("^{UUID}$"), "b590a734-5adc-4a43-a24b-edf3795b812d");
    /// An environment type's id.
    EnvTypeId = pattern(
        "^et-prod-[0-9A-Za-z]{13},pa-[0-9A-Za-z]{13}$".to_owned(), "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq");
    /// A Service Catalog product.
    ProductId = pattern("^prod-[0-9A-Za-z]{13}$".to_owned(), "prod-hxwmltpkg2edy");
    /// A version of one.
    ProvisioningArtifactId = pattern("^pa-[0-9A-Za-z]{13}$".to_owned(), "pa-fh6spfcycydtq");
    /// A secret that roles want to hear.
    ExternalId = pattern("^[A-Za-z0-9_+=,.@:/-]{2,400}$".to_owned(), "8e03978e-40d5-43e8-bc93-6894a57f9324");
    /// What tells a repeated request from a new one.
    IdempotencyKey = pattern("^[!-~]{1,255}$".to_owned(), "8e03978e-40d5-43e8-bc93-6894a57f9324");
    /// A token of a list.
    PaginationToken = pattern("^[A-Za-z0-9_-]{24,}$".to_owned(), "vYbX3UGZ5Uhw4gVUnPKCUjIwMjYtMTEtMjRUMTA6MDA6MDAuMTIzWg");
    /// A parameter of a template.
    ParameterKey = pattern("^[A-Za-z0-9]{1,255}$".to_owned(), "InstanceType");
    /// An installed environment type.
    EnvTypeName = words(&env_type_names());
    /// An AWS account's number.
    AwsAccountId = pattern("^[0-9]{12}$".to_owned(), "111111111111");
    /// A name.
    Name = pattern("^[A-Za-z0-9._-]{1,112}$".to_owned(), "test");
    /// A name that may have spaces.
    Title = pattern("^[A-Za-z0-9._ -]{1,112}$".to_owned(), "Sagemaker Example");
    /// A description.
    Description = pattern("^[A-Za-z0-9._ -]{1,400}$".to_owned(), "An Amazon SageMaker Jupyter Notebook");
    /// A role of one project.
    RoleId = pattern(
        format!("^proj-{UUID}#(ProjectAdmin|Researcher)$"), "proj-b590a734-5adc-4a43-a24b-edf3795b812d#Researcher");
    /// What a user is.
    UserRole = pattern(
        format!("^(ITAdmin|proj-{UUID}#(ProjectAdmin|Researcher))$"), "proj-b590a734-5adc-4a43-a24b-edf3795b812d#Researcher");
    /// A first or a last name.
    PersonName = pattern("^[A-Za-z0-9À-ÖØ-öø-ɏ' .-]{1,50}$".to_owned(), "Ada");
    /// An email address, of 128 characters at most.
    Email = email();
    /// Whether a user can sign in, as it is asked for.
    UserStatus = words(&["ACTIVE", "INACTIVE"]);
    /// Whether a user can sign in, as it is answered: 1 for ACTIVE, 0 for INACTIVE.
    UserStatusNumber = numbers(&[0, 1]);
    /// Whether a project can be used.
    ProjectStatus = words(&["AVAILABLE", "SUSPENDED", "DELETED"]);
    /// What a member is in a project.
    ProjectRole = words(&["ProjectAdmin", "Researcher"]);
    /// Whether an environment type may be used.
    EnvTypeStatus = words(&["APPROVED", "NOT_APPROVED"]);
    /// Whether a configuration may be used.
    ConfigStatus = words(&["AVAILABLE", "DELETED"]);
    /// Whether a hosting account can be used.
    AccountStatus = words(&["PENDING", "CURRENT", "NEEDS_UPDATE", "ERRORED", "REMOVED"]);
    /// Who reports on an environment.
    ReportSource = words(&["LAUNCH", "TERMINATE", "INSTANCE"]);
    /// Where an environment is in its life.
    Status = words(&[
        "PENDING", "COMPLETED", "STARTING", "STOPPING", "STOPPED", "TERMINATING", "TERMINATED", "FAILED",
        "TERMINATING_FAILED", "STARTING_FAILED", "STOPPING_FAILED",
    ]);
}

/// What is not as it should be with a hosting account.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct Finding {
    /// What kind of thing, such as `STACK_MISSING`.
    kind: String,
    /// What is so, with AWS's own words where there are any.
    reason: String,
    /// What to do, or that Workbench does it.
    mend: String,
}

impl PartialSchema for IsoTime {
    fn schema() -> RefOr<Schema> {
        let time = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-11-24T10:00:00.000Z"]);
        RefOr::T(Schema::Object(time.build()))
    }
}

impl ToSchema for IsoTime {}
