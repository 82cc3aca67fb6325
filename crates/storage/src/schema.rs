//! The tables, as the migrations leave them.

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};

    organizations (id) {
        id -> Id,
        name -> Text,
        seat_limit -> Nullable<BigInt>,
        roles_in_panel -> Bool,
        seats_used -> BigInt,
        member_count -> BigInt,
        version -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};

    login_providers (org_id, kind) {
        org_id -> Id,
        kind -> Text,
        enabled -> Bool,
        client_id -> Text,
        base_url -> Text,
        issuer -> Text,
        audience -> Text,
        sealed_secret -> Nullable<Binary>,
        tested_at -> Nullable<BigInt>,
        test_fault -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::Text;

    login_domains (org_id, kind, domain) {
        org_id -> Id,
        kind -> Text,
        domain -> Text,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::Bool;

    login_policies (org_id) {
        org_id -> Id,
        password_sign_in -> Bool,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Nullable, Text};

    identities (org_id, issuer, subject) {
        org_id -> Id,
        issuer -> Text,
        subject -> Text,
        kind -> Text,
        member_id -> Id,
        bound_at -> BigInt,
        last_sign_in_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};

    pending_logins (org_id, state) {
        org_id -> Id,
        state -> Binary,
        browser -> Binary,
        kind -> Text,
        issuer -> Text,
        member_id -> Nullable<Id>,
        next -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::Text;

    provider_sessions (org_id, session_id) {
        org_id -> Id,
        session_id -> Id,
        kind -> Text,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};

    connections (org_id, id) {
        org_id -> Id,
        id -> Id,
        directory -> Text,
        profile -> Text,
        is_on -> Bool,
        enabled_at -> Nullable<BigInt>,
        last_request_at -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        live_members -> BigInt,
        live_teams -> BigInt,
        lost_members -> BigInt,
        lost_teams -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Binary};

    tokens (digest) {
        digest -> Binary,
        org_id -> Id,
        connection_id -> Id,
        created_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};

    members (org_id, id) {
        org_id -> Id,
        id -> Id,
        origin -> Text,
        status -> Text,
        invited_until -> Nullable<BigInt>,
        role -> Text,
        login_key -> Text,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        fold_version -> Integer,
        display_name -> Nullable<Text>,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
        label -> Text,
        label_key -> Text,
        search_text -> Text,
        attributes -> Text,
        has_password -> Bool,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Integer, Text};

    teams (org_id, id) {
        org_id -> Id,
        id -> Id,
        origin -> Text,
        name -> Text,
        name_key -> Text,
        fold_version -> Integer,
        namespace -> Id,
        member_count -> BigInt,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};

    links (org_id, connection_id) {
        org_id -> Id,
        member_id -> Nullable<Id>,
        team_id -> Nullable<Id>,
        connection_id -> Id,
        state -> Text,
        external_id -> Nullable<Text>,
        name -> Text,
        key -> Text,
        email_key -> Nullable<Text>,
        fold_version -> Integer,
        active -> Bool,
        moved -> Bool,
        document -> Nullable<Text>,
        document_form -> Nullable<Integer>,
        document_version -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::values::Id;

    memberships (org_id, team_id, member_id) {
        org_id -> Id,
        team_id -> Id,
        member_id -> Id,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::Text;

    passwords (org_id, member_id) {
        org_id -> Id,
        member_id -> Id,
        hash -> Text,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};

    sessions (digest) {
        digest -> Binary,
        org_id -> Id,
        id -> Id,
        member_id -> Id,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Binary};

    resets (org_id, member_id) {
        org_id -> Id,
        member_id -> Id,
        digest -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Binary};

    invitations (org_id, member_id) {
        org_id -> Id,
        member_id -> Id,
        digest -> Binary,
        sent_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::BigInt;

    invitation_teams (org_id, member_id, position) {
        org_id -> Id,
        member_id -> Id,
        position -> BigInt,
        team_id -> Id,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Nullable};

    link_requests (org_id, connection_id, member_id) {
        org_id -> Id,
        connection_id -> Id,
        member_id -> Id,
        requested_at -> BigInt,
        allowed_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Nullable, Text};

    activity (org_id, id) {
        org_id -> Id,
        id -> Id,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        actor_label -> Text,
        action -> Text,
        kind -> Text,
        target_kind -> Text,
        target_id -> Text,
        target_label -> Text,
        related_kind -> Nullable<Text>,
        related_id -> Nullable<Text>,
        related_label -> Nullable<Text>,
        changes -> Text,
        request_id -> Id,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        repeat_key -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Text};

    outbox (id) {
        id -> Id,
        org_id -> Id,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        attempts -> BigInt,
        due_at -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::Text;

    further_emails (org_id, key, member_id) {
        org_id -> Id,
        member_id -> Id,
        key -> Text,
    }
}

diesel::table! {
    use crate::values::Id;
    use diesel::sql_types::{BigInt, Binary};

    attempts (key) {
        key -> Binary,
        count -> BigInt,
        window_ends_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    login_providers,
    login_domains,
    login_policies,
    identities,
    pending_logins,
    provider_sessions,
    connections,
    tokens,
    members,
    teams,
    links,
    memberships,
    passwords,
    sessions,
    resets,
    invitations,
    invitation_teams,
    link_requests,
    further_emails,
    activity,
    outbox,
    attempts,
);
