//! The tables, as the migrations leave them.

diesel::table! {
    organizations (id) {
        id -> Binary,
        name -> Text,
        seat_limit -> Nullable<BigInt>,
        roles_in_panel -> Bool,
        seats_used -> BigInt,
        version -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    login_methods (org_id) {
        org_id -> Binary,
        okta_enabled -> Bool,
        okta_client_id -> Text,
        okta_base_url -> Text,
        okta_issuer -> Text,
        okta_audience -> Text,
        okta_sealed_secret -> Nullable<Binary>,
    }
}

diesel::table! {
    connections (org_id, id) {
        org_id -> Binary,
        id -> Binary,
        directory -> Text,
        profile -> Text,
        is_on -> Bool,
        enabled_at -> Nullable<BigInt>,
        last_request_at -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    tokens (digest) {
        digest -> Binary,
        org_id -> Binary,
        connection_id -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    members (org_id, id) {
        org_id -> Binary,
        id -> Binary,
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
    teams (org_id, id) {
        org_id -> Binary,
        id -> Binary,
        origin -> Text,
        name -> Text,
        name_key -> Text,
        fold_version -> Integer,
        namespace -> Binary,
        member_count -> BigInt,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    links (org_id, connection_id) {
        org_id -> Binary,
        member_id -> Nullable<Binary>,
        team_id -> Nullable<Binary>,
        connection_id -> Binary,
        state -> Text,
        external_id -> Nullable<Text>,
        name -> Text,
        key -> Text,
        email_key -> Nullable<Text>,
        fold_version -> Integer,
        active -> Bool,
        moved -> Bool,
    }
}

diesel::table! {
    memberships (org_id, team_id, member_id) {
        org_id -> Binary,
        team_id -> Binary,
        member_id -> Binary,
    }
}

diesel::table! {
    passwords (org_id, member_id) {
        org_id -> Binary,
        member_id -> Binary,
        hash -> Text,
    }
}

diesel::table! {
    sessions (digest) {
        digest -> Binary,
        org_id -> Binary,
        id -> Binary,
        member_id -> Binary,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    resets (org_id, member_id) {
        org_id -> Binary,
        member_id -> Binary,
        digest -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    invitations (org_id, member_id) {
        org_id -> Binary,
        member_id -> Binary,
        digest -> Binary,
        sent_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    invitation_teams (org_id, member_id, position) {
        org_id -> Binary,
        member_id -> Binary,
        position -> BigInt,
        team_id -> Binary,
    }
}

diesel::table! {
    link_requests (org_id, connection_id, member_id) {
        org_id -> Binary,
        connection_id -> Binary,
        member_id -> Binary,
        requested_at -> BigInt,
        allowed_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    activity (org_id, id) {
        org_id -> Binary,
        id -> Binary,
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
        request_id -> Binary,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        repeat_key -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (id) {
        id -> Binary,
        org_id -> Binary,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        attempts -> BigInt,
        due_at -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    further_emails (org_id, key, member_id) {
        org_id -> Binary,
        member_id -> Binary,
        key -> Text,
    }
}

diesel::table! {
    attempts (key) {
        key -> Binary,
        count -> BigInt,
        window_ends_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    login_methods,
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
