//! The tables as diesel sees them in both databases. The files in `migrations/` create them.

#![allow(missing_docs, reason = "diesel's table! writes the items; the migrations describe them")]

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! { migrations (name) { name -> Text, version -> Text, applied_at -> BigInt, } }

table! { revision (id) { id -> Integer, number -> BigInt, } }

table! { leases (name) { name -> Text, holder -> Binary, expires_at -> BigInt, } }

table! {
    keys (kid) {
        kid -> Text,
        alg -> Text,
        state -> Text,
        sealed -> Binary,
        public_jwk -> Text,
        created_at -> BigInt,
        activated_at -> Nullable<BigInt>,
        retired_at -> Nullable<BigInt>,
        archived -> Bool,
    }
}

table! {
    users (id) {
        id -> Binary,
        username -> Text,
        email -> Nullable<Text>,
        email_verified -> Bool,
        claims -> Text,
        password_hash -> Nullable<Text>,
        skeleton -> Nullable<Text>,
        disabled_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        session_epoch -> BigInt,
        group_ids -> Text,
        attributes -> Nullable<Text>,
        revocations -> BigInt,
    }
}

table! {
    groups (id) {
        id -> Binary,
        name -> Text,
        parent_id -> Nullable<Binary>,
        created_at -> BigInt,
        owner -> Nullable<Text>,
        acr -> Nullable<Text>,
    }
}

table! {
    clients (id) {
        id -> Text,
        metadata -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        origin -> Text,
        approved -> Bool,
        open_to -> Nullable<Text>,
        owner -> Nullable<Text>,
        acr -> Nullable<Text>,
        disabled_at -> Nullable<BigInt>,
    }
}

table! {
    client_registrations (client_id) {
        client_id -> Text,
        token_hash -> Nullable<Binary>,
        network -> Text,
        last_used_at -> BigInt,
    }
}

table! {
    shared_secrets (purpose) {
        purpose -> Text,
        sealed -> Binary,
    }
}

table! {
    registration_networks (network, client_id) {
        network -> Text,
        client_id -> Text,
    }
}

table! {
    idempotency_keys (id) {
        id -> Binary,
        client_id -> Text,
        fingerprint -> Binary,
        sealed -> Binary,
        expires_at -> BigInt,
    }
}

table! {
    initial_access_tokens (id) {
        id -> Binary,
        secret_hash -> Binary,
        uses_left -> Integer,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! { client_assertions (client_id, jti) { client_id -> Text, jti -> Text, expires_at -> BigInt, } }

table! { client_logos (client_id) { client_id -> Text, hash -> Text, media_type -> Text, image -> Binary, } }

table! { client_origins (client_id, origin) { client_id -> Text, origin -> Text, } }

table! {
    client_secrets (id) {
        id -> Binary,
        client_id -> Text,
        hash -> Binary,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

table! {
    resource_servers (id) {
        id -> Text,
        audience -> Text,
        names -> Text,
        secret_hash -> Nullable<Binary>,
        created_at -> BigInt,
        token_typ -> Nullable<Text>,
        token_alg -> Nullable<Text>,
        token_lifetime -> Nullable<BigInt>,
        token_groups -> Nullable<Text>,
        owner -> Nullable<Text>,
    }
}

table! {
    scopes (name) {
        name -> Text,
        resource_server_id -> Text,
        texts -> Text,
        risk -> Text,
        created_at -> BigInt,
        id -> Nullable<Binary>,
        is_default -> Bool,
        open_to -> Nullable<Text>,
        acr -> Nullable<Text>,
        owner -> Nullable<Text>,
    }
}

table! {
    sessions (id) {
        id -> Binary,
        secret_hash -> Binary,
        user_id -> Binary,
        auth_time -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        user_agent -> Text,
        network -> Text,
        sid -> Binary,
        client_id -> Nullable<Text>,
        evidence -> Nullable<Text>,
    }
}

table! {
    authorization_requests (id) {
        id -> Binary,
        secret_hash -> Binary,
        client_id -> Text,
        parameters -> Text,
        session_before -> Nullable<Binary>,
        decided_by -> Nullable<Binary>,
        granted -> Nullable<Text>,
        duration -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        pushed_id -> Nullable<Binary>,
        browser -> Nullable<Binary>,
        scope_ids -> Nullable<Text>,
    }
}

table! {
    pushed_requests (id) {
        id -> Binary,
        secret_hash -> Binary,
        client_id -> Text,
        parameters -> Text,
        visit_until -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    device_requests (id) {
        id -> Binary,
        secret_hash -> Binary,
        user_code -> Text,
        client_id -> Text,
        scope -> Text,
        audience -> Text,
        network -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        poll_seconds -> BigInt,
        next_poll_at -> BigInt,
        user_id -> Nullable<Binary>,
        session_id -> Nullable<Binary>,
        auth_time -> Nullable<BigInt>,
        granted -> Nullable<Text>,
        duration -> Nullable<Text>,
        scope_ids -> Nullable<Text>,
        evidence -> Nullable<Text>,
    }
}

table! {
    totp_factors (user_id) {
        user_id -> Binary,
        id -> Binary,
        sealed -> Binary,
        last_step -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    passkeys (id) {
        id -> Binary,
        user_id -> Binary,
        credential_id -> Binary,
        credential -> Text,
        aaguid -> Binary,
        name -> Text,
        backup_eligible -> Bool,
        backed_up -> Bool,
        suspended -> Bool,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

table! { passkey_offers (user_id) { user_id -> Binary, offered_at -> BigInt, } }

table! { used_challenges (id) { id -> Binary, expires_at -> BigInt, } }

table! { recovery_codes (user_id, hash) { user_id -> Binary, hash -> Binary, created_at -> BigInt, } }

table! {
    trusted_browsers (id) {
        id -> Binary,
        secret_hash -> Binary,
        user_id -> Binary,
        user_agent -> Text,
        network -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    consents (user_id, client_id) {
        user_id -> Binary,
        client_id -> Text,
        granted -> Text,
        declined -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        claims -> Text,
        disclosed -> Text,
    }
}

table! {
    grants (id) {
        id -> Binary,
        user_id -> Binary,
        client_id -> Text,
        session_id -> Binary,
        bound_to -> Nullable<Binary>,
        scope -> Text,
        audience -> Text,
        auth_time -> BigInt,
        created_at -> BigInt,
        code_hash -> Binary,
        code_expires_at -> BigInt,
        redirect_uri -> Nullable<Text>,
        code_challenge -> Nullable<Text>,
        nonce -> Nullable<Text>,
        redeemed_at -> Nullable<BigInt>,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        ends_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        generation -> Integer,
        predecessor -> Integer,
        rotated_at -> BigInt,
        replays -> Integer,
        claims -> Nullable<Text>,
        last_used_network -> Text,
        scope_ids -> Nullable<Text>,
        asserted_by -> Nullable<Text>,
        evidence -> Nullable<Text>,
    }
}

table! {
    decisions (id) {
        id -> Binary,
        user_id -> Binary,
        client_id -> Text,
        shown -> Text,
        network -> Text,
        created_at -> BigInt,
    }
}

table! {
    security_events (id) {
        id -> Binary,
        user_id -> Binary,
        kind -> Text,
        client_id -> Nullable<Text>,
        network -> Text,
        created_at -> BigInt,
        count -> BigInt,
        about -> Nullable<Text>,
    }
}

table! { revoked_access_tokens (jti) { jti -> Text, expires_at -> BigInt, } }

table! { throttle (key) { key -> Binary, debt -> BigInt, counted_at -> BigInt, empty_at -> BigInt, } }

table! {
    logout_deliveries (id) {
        id -> Binary,
        client_id -> Text,
        user_id -> Binary,
        sid -> Binary,
        created_at -> BigInt,
        attempts -> Integer,
        next_attempt_at -> Nullable<BigInt>,
        last_outcome -> Nullable<Text>,
        delivered_at -> Nullable<BigInt>,
    }
}

table! {
    client_failures (id) {
        id -> Binary,
        client_id -> Text,
        created_at -> BigInt,
        endpoint -> Text,
        error -> Text,
        cause -> Text,
        error_description -> Text,
        detail -> Text,
        expected -> Nullable<Text>,
        actual -> Nullable<Text>,
    }
}

table! {
    linked_subjects (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Binary,
        created_at -> BigInt,
        account -> Nullable<Text>,
        last_used_at -> Nullable<BigInt>,
    }
}

table! { email_link_refusals (user_id) { user_id -> Binary, created_at -> BigInt, } }

table! {
    upstream_attempts (id) {
        id -> Binary,
        secret_hash -> Binary,
        browser -> Binary,
        provider -> Text,
        session_id -> Nullable<Binary>,
        since -> Nullable<BigInt>,
        request -> Text,
        return_to -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    unlinked_identities (id) {
        id -> Binary,
        secret_hash -> Binary,
        browser -> Binary,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        sid -> Nullable<Text>,
        evidence -> Text,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        email_verified -> Bool,
        request -> Text,
        return_to -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    upstream_logouts (issuer, name) {
        issuer -> Text,
        name -> Text,
        ended_at -> Nullable<BigInt>,
        expires_at -> BigInt,
    }
}

table! {
    upstream_sessions (session_id) {
        session_id -> Binary,
        issuer -> Text,
        subject -> Text,
        sid -> Nullable<Text>,
    }
}

table! {
    mails (id) {
        id -> Binary,
        user_id -> Nullable<Binary>,
        recipient -> Text,
        lane -> Text,
        kind -> Text,
        language -> Text,
        link_id -> Nullable<Binary>,
        created_at -> BigInt,
        expires_at -> BigInt,
        attempts -> Integer,
        next_attempt_at -> Nullable<BigInt>,
        last_outcome -> Nullable<Text>,
        delivered_at -> Nullable<BigInt>,
    }
}

table! {
    recoveries (id) {
        id -> Binary,
        user_id -> Binary,
        session_epoch -> BigInt,
        recipient -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        request -> Text,
        again -> Text,
        return_to -> Text,
    }
}

table! {
    email_verifications (id) {
        id -> Binary,
        user_id -> Binary,
        address -> Text,
        previous -> Nullable<Text>,
        session_epoch -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    sign_ups (id) {
        id -> Binary,
        address -> Text,
        name -> Text,
        password_hash -> Text,
        language -> Text,
        request -> Text,
        again -> Text,
        return_to -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        terms -> Nullable<Text>,
        passkey -> Nullable<Text>,
    }
}

table! { accepted_terms (user_id, version) { user_id -> Binary, version -> Text, accepted_at -> BigInt, } }

table! {
    invitations (id) {
        id -> Binary,
        address -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        group_ids -> Text,
    }
}

table! {
    administrator_links (id) {
        id -> Binary,
        user_id -> Nullable<Binary>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    notices (id) {
        id -> Binary,
        user_id -> Binary,
        kind -> Text,
        recipient -> Text,
        network -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        about -> Nullable<Text>,
    }
}

table! {
    audit_log (sequence) {
        sequence -> BigInt,
        created_at -> BigInt,
        actor -> Text,
        face -> Text,
        action -> Text,
        target -> Text,
        change -> Text,
        reason -> Text,
        mac -> Binary,
    }
}

table! {
    audit_events (id) {
        id -> Binary,
        created_at -> BigInt,
        actor -> Text,
        face -> Text,
        action -> Text,
        target -> Text,
        change -> Text,
        mac -> Binary,
    }
}

table! {
    audit_sinks (name) {
        name -> Text,
        sequence -> BigInt,
        delivered_at -> Nullable<BigInt>,
        attempts -> Integer,
        next_attempt_at -> BigInt,
        last_error -> Nullable<Text>,
    }
}

table! { acme_accounts (directory) { directory -> Text, sealed -> Binary, contact -> Text, created_at -> BigInt, } }

table! {
    acme_certificates (directory, names) {
        directory -> Text,
        names -> Text,
        chain -> Nullable<Text>,
        sealed -> Nullable<Binary>,
        number -> BigInt,
        renew_at -> BigInt,
        ask_at -> BigInt,
        attempts -> Integer,
        next_attempt_at -> BigInt,
        last_error -> Nullable<Text>,
    }
}

table! {
    acme_challenges (token) { token -> Text, name -> Text, key_authorization -> Text, expires_at -> BigInt, }
}

table! { audit_head (id) { id -> Integer, sequence -> BigInt, mac -> Binary, } }

joinable!(client_secrets -> clients (client_id));
joinable!(client_registrations -> clients (client_id));
joinable!(scopes -> resource_servers (resource_server_id));
joinable!(sessions -> users (user_id));
joinable!(grants -> users (user_id));
joinable!(linked_subjects -> users (user_id));
joinable!(recoveries -> users (user_id));
joinable!(email_verifications -> users (user_id));
joinable!(notices -> users (user_id));
joinable!(passkeys -> users (user_id));
allow_tables_to_appear_in_same_query!(clients, client_secrets, client_registrations, grants);
allow_tables_to_appear_in_same_query!(resource_servers, scopes);
allow_tables_to_appear_in_same_query!(users, sessions, grants, consents, revoked_access_tokens);
allow_tables_to_appear_in_same_query!(linked_subjects, users);
allow_tables_to_appear_in_same_query!(recoveries, users);
allow_tables_to_appear_in_same_query!(email_verifications, users);
allow_tables_to_appear_in_same_query!(notices, users);
allow_tables_to_appear_in_same_query!(passkeys, users);
allow_tables_to_appear_in_same_query!(authorization_requests, sessions);
