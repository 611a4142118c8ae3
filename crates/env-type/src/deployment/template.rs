//! `templates/environment-types.cfn.yaml`: product, launch role and documents of each type.

use super::policy;
use super::text::{indented, scalar};
use crate::package::Package;

const HEAD: &str = "\
# Generated from the packages in templates/environments by `workbench env-type generate`. Do not edit it.
AWSTemplateFormatVersion: '2010-09-09'
Description: The environment types of Workbench

Parameters:
  Namespace:
    Type: String
    Description: Name of the main stack, with which names start
  PortfolioId:
    Type: String
    Description: Portfolio of the products
  CatalogFunctionArn:
    Type: String
    Description: Function that makes products, uploads files, registers environment types and takes documents back
  ArtifactBucketName:
    Type: String
    Description: Bucket of templates and instance files
  ArtifactKeyArn:
    Type: String
    Description: KMS key of the artifact bucket

Resources:
";

/// What every launch constraint role may do besides what its type needs.
const COMMON_STATEMENTS: &str = "\
# Service Catalog provisions a product as a stack of this name.
- Effect: Allow
  Action:
    - cloudformation:CreateStack
    - cloudformation:DeleteStack
    - cloudformation:DescribeStackEvents
    - cloudformation:DescribeStacks
    - cloudformation:SetStackPolicy
    - cloudformation:TagResource
    - cloudformation:UpdateStack
  Resource: !Sub arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/SC-*
- Effect: Allow
  Action:
    - cloudformation:GetTemplateSummary
    - cloudformation:ValidateTemplate
  # A template without stack is no resource.
  Resource: '*'
- Effect: Allow
  Action: s3:GetObject
  Resource: !Sub arn:${AWS::Partition}:s3:::${ArtifactBucketName}/service-catalog-cfn-templates/*
- Effect: Allow
  Action: s3:GetObject
  # Service Catalog keeps its copies of templates, which it tags, in buckets of its own.
  Resource: '*'
  Condition:
    StringEquals:
      s3:ExistingObjectTag/servicecatalog:provisioning: 'true'
- Effect: Allow
  Action: kms:Decrypt
  Resource: !Ref ArtifactKeyArn
";

/// The whole template.
pub(super) fn environment_types(packages: &[Package]) -> String {
    let resources: Vec<String> = packages
        .iter()
        .map(|package| indented(&resources(package), 2))
        .collect();
    let outputs: String = packages.iter().map(outputs).collect();
    format!(
        "{HEAD}{}\nOutputs:\n{}",
        resources.join("\n"),
        indented(&outputs, 2)
    )
}

fn resources(package: &Package) -> String {
    let Names { name, id } = Names::of(package);
    let files = package
        .files_hash()
        .map(|hash| instance_files(&id, name, &hash))
        .unwrap_or_default();
    format!(
        "{id}Product:
  Type: Custom::Product
  Properties:
    ServiceToken: !Ref CatalogFunctionArn
    EnvironmentType: {name}
    Description: {}
    ContentHash: '{}'
{files}\
         {id}Association:
  Type: AWS::ServiceCatalog::PortfolioProductAssociation
  Properties:
    PortfolioId: !Ref PortfolioId
    ProductId: !Ref {id}Product
{}\
         {id}LaunchConstraint:
  Type: AWS::ServiceCatalog::LaunchRoleConstraint
  DependsOn: {id}Association
  Properties:
    PortfolioId: !Ref PortfolioId
    ProductId: !Ref {id}Product
    LocalRoleName: !Ref {id}LaunchRole
{}{}\
         {id}DocumentShares:
  Type: Custom::DocumentShares
  Properties:
    ServiceToken: !Ref CatalogFunctionArn
    Documents: [!Ref {id}LaunchDocument, !Ref {id}TerminateDocument]
{id}Registration:
  Type: Custom::EnvironmentType
  Properties:
    ServiceToken: !Ref CatalogFunctionArn
    EnvironmentType: {name}
    ProductId: !Ref {id}Product
    ProvisioningArtifactId: !GetAtt {id}Product.ProvisioningArtifactId
    ContentHash: '{}'
",
        scalar(&package.manifest.content.description),
        package.template_hash(),
        launch_role(package, "", ""),
        document(&id, name, "Launch"),
        document(&id, name, "Terminate"),
        package.content_hash(),
    )
}

fn instance_files(id: &str, name: &str, hash: &str) -> String {
    format!(
        "{id}InstanceFiles:
  Type: Custom::InstanceFiles
  Properties:
    ServiceToken: !Ref CatalogFunctionArn
    EnvironmentType: {name}
    ContentHash: '{hash}'
"
    )
}

/// The launch roles as a hosting account has them: within its boundary, and not where the main stack has made them.
pub(super) fn hosting_launch_roles(packages: &[Package]) -> String {
    let attributes = "  Condition: HostIsNotMain\n";
    let properties = "    PermissionsBoundary: !Ref LaunchRoleBoundary\n";
    let roles = packages
        .iter()
        .map(|package| launch_role(package, attributes, properties));
    roles.collect::<Vec<_>>().join("\n")
}

/// The names of the hosting account's launch roles, with commas between.
pub(super) fn launch_role_names(packages: &[Package]) -> String {
    let roles = packages
        .iter()
        .map(|package| format!("!Ref {}LaunchRole", Names::of(package).id));
    let roles: Vec<String> = roles.collect();
    format!("Value: !Join [',', [{}]]\n", roles.join(", "))
}

/// The role with which Service Catalog provisions the type. `attributes` and `properties` are further ones.
fn launch_role(package: &Package, attributes: &str, properties: &str) -> String {
    let Names { name, id } = Names::of(package);
    let permissions = &package.manifest.content.launch_permissions;
    let statements = policy::render(&policy::statements(package, permissions));
    format!(
        "{id}LaunchRole:
  Type: AWS::IAM::Role
{attributes}  Properties:
    RoleName: !Sub ${{Namespace}}-LaunchConstraint-{name}
    Description: Role with which Service Catalog provisions {name}
{properties}    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal:
            Service: servicecatalog.amazonaws.com
          Action: sts:AssumeRole
    Policies:
      - PolicyName: launch
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
{}{}",
        indented(&statements, 12),
        indented(COMMON_STATEMENTS, 12),
    )
}

fn document(id: &str, name: &str, operation: &str) -> String {
    format!(
        "{id}{operation}Document:
  Type: AWS::SSM::Document
  Properties:
    Name: !Sub ${{Namespace}}-{name}-{operation}
    DocumentType: Automation
    UpdateMethod: NewVersion
    Content:
      Fn::Transform:
        Name: AWS::Include
        Parameters:
          Location: environments/{name}/{name}{operation}SSM.yaml
"
    )
}

fn outputs(package: &Package) -> String {
    let Names { name, id } = Names::of(package);
    let document = |operation: &str| {
        format!(
            "{id}{operation}SSMDocOutput:
  Description: ARN of the {} document of {name}
  Value: !Sub arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:document/${{{id}{operation}Document}}
",
            operation.to_lowercase()
        )
    };
    format!(
        "{id}ProductId:
  Description: Product of {name}
  Value: !Ref {id}Product
{id}LaunchRoleName:
  Description: Name of the role with which {name} is provisioned
  Value: !Ref {id}LaunchRole
{}{}",
        document("Launch"),
        document("Terminate"),
    )
}

/// What a type is called.
struct Names<'a> {
    /// The type's name.
    name: &'a str,
    /// The start of its logical ids.
    id: String,
}

impl<'a> Names<'a> {
    fn of(package: &'a Package) -> Self {
        Self {
            name: &package.name,
            id: crate::compiled::capitalised(&package.name),
        }
    }
}
