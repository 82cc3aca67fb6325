//! A team as a `Group`, and back (RFC 7643 section 4.2).

use rollcall_application::directory::{GroupView, Strangers, TeamWish};
use rollcall_application::ports::MemberLabel;
use rollcall_domain::rules::memberships::DirectoryMemberships;
use rollcall_domain::rules::teams::DirectoryGroup;
use rollcall_domain::{ExternalId, MemberId, Team, TeamName};
use rollcall_scim_protocol::error::ScimError;
use rollcall_scim_protocol::etag::ETag;
use rollcall_scim_protocol::messages::{Meta, location};
use rollcall_scim_protocol::patch::group::{NetMembership, member_ids};
use rollcall_scim_protocol::schema::ResourceKind;
use rollcall_scim_protocol::urn;
use serde_json::{Map, Value, json};

/// Renders a team with what was loaded of it. `members` is there, if empty, when it was.
pub(crate) fn render(view: &GroupView, base_url: &str) -> Value {
    let team = &view.team;
    let id = team.id.to_string();
    let mut resource = Map::new();
    resource.insert("schemas".into(), json!([urn::GROUP]));
    resource.insert("id".into(), id.as_str().into());
    let external = team
        .link
        .as_ref()
        .and_then(|link| link.external_id.as_ref());
    if let Some(external) = external {
        resource.insert("externalId".into(), external.as_str().into());
    }
    resource.insert("displayName".into(), team.name.as_str().into());
    if let Some(members) = &view.members {
        let members = members.iter().map(|member| render_member(member, base_url));
        resource.insert("members".into(), members.collect::<Vec<_>>().into());
    }
    let meta = Meta {
        kind: ResourceKind::Group,
        created: team.created_at,
        last_modified: team.updated_at,
        location: location(base_url, ResourceKind::Group, &id),
        version: etag(team),
    };
    resource.insert("meta".into(), meta.to_json());
    Value::Object(resource)
}

fn render_member(member: &MemberLabel, base_url: &str) -> Value {
    let id = member.id.to_string();
    json!({
        "value": id,
        "$ref": location(base_url, ResourceKind::User, &id),
        "type": "User",
        "display": member.label,
    })
}

/// The version as the wire shows it (S-3.1-04).
pub(crate) const fn etag(team: &Team) -> ETag {
    ETag::of_version(team.version.0)
}

/// A group as a create or replace request describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupBody {
    pub(crate) name: TeamName,
    pub(crate) external_id: Option<ExternalId>,
    pub(crate) members: NetMembership,
}

/// Reads a group from a resource with canonical names.
///
/// # Errors
/// `invalidValue` where a text cannot be kept or a member has no id.
pub(crate) fn read(mut resource: Value) -> Result<GroupBody, ScimError> {
    let members = resource.get_mut("members").map(Value::take);
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    Ok(GroupBody {
        name: team_name(text("displayName").unwrap_or_default())?,
        external_id: external_id(text("externalId"))?,
        members: NetMembership {
            add: member_ids(members.unwrap_or_default())?,
            ..NetMembership::default()
        },
    })
}

pub(crate) fn team_name(text: &str) -> Result<TeamName, ScimError> {
    TeamName::parse(text).map_err(|error| ScimError::invalid_value(format!("displayName {error}")))
}

pub(crate) fn external_id(text: Option<&str>) -> Result<Option<ExternalId>, ScimError> {
    match text {
        Some(text) if !text.trim().is_empty() => ExternalId::parse(text)
            .map(Some)
            .map_err(|error| ScimError::invalid_value(format!("externalId {error}"))),
        _ => Ok(None),
    }
}

/// Tells ids of ours from other texts. Who is to leave and cannot be anybody has left already.
pub(crate) fn wish(
    group: DirectoryGroup,
    members: &NetMembership,
    on_strangers: Strangers,
) -> TeamWish {
    let mut strangers = Vec::new();
    let mut add = Vec::new();
    for named in &members.add {
        match named.parse::<MemberId>() {
            Ok(id) => add.push(id),
            Err(_) => strangers.push(named.clone()),
        }
    }
    let remove = members.remove.iter().filter_map(|id| id.parse().ok());
    TeamWish {
        group,
        memberships: DirectoryMemberships {
            replace: members.replace_all,
            add,
            remove: remove.collect(),
        },
        strangers,
        on_strangers,
    }
}
