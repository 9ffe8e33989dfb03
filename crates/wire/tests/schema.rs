//! The OpenAPI schemas can be generated: no endless recursion, no two types of one name.

use cloakroom_wire as wire;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(
    wire::ActionMessage,
    wire::ApiKey,
    wire::App,
    wire::AuthToken,
    wire::BannedUser,
    wire::BlockUsers,
    wire::BlockedUser,
    wire::ClientInfo,
    wire::CreateApiKey,
    wire::CreateApp,
    wire::CreateDelegatedKey,
    wire::CreatedDelegatedKey,
    wire::DelegatedKey,
    wire::CreateAuthToken,
    wire::CreateGroup,
    wire::CreateUser,
    wire::CreatedApiKey,
    wire::CreatedGroup,
    wire::DeactivateUsers,
    wire::DeleteUser,
    wire::Envelope<Vec<wire::Conversation>, wire::PageMeta>,
    wire::Envelope<Vec<wire::Message>, wire::CursorMeta>,
    wire::Envelope<Vec<wire::PresignItem>, wire::TimeMeta>,
    wire::Envelope<Vec<wire::User>, wire::PageMeta>,
    wire::Envelope<wire::FatAnswer, wire::TimeMeta>,
    wire::Envelope<wire::Me, wire::TimeMeta>,
    wire::Envelope<wire::Message>,
    wire::Envelope<wire::Success>,
    wire::ErrorEnvelope,
    wire::Explanation,
    wire::Group,
    wire::JoinGroup,
    wire::LedgerDayHead,
    wire::LedgerRecord,
    wire::LedgerStatus,
    wire::MediaFile,
    wire::Member,
    wire::MembersAdded,
    wire::NewMembers,
    wire::Observation,
    wire::Outcome,
    wire::PresignRequest,
    wire::Revocation,
    wire::RevokeRequest,
    wire::WatchRequest,
    wire::ReactivateUsers,
    wire::RotateApiKey,
    wire::SendMessage,
    wire::Session,
    wire::SigningKey,
    wire::RotateSigningKey,
    wire::RotatedSigningKey,
    wire::RevokedSigningKey,
    wire::SetAudience,
    wire::SetMemberScope,
    wire::SwitchFileAccess,
    wire::UpdateGroup,
    wire::UpdateSettings,
    wire::UpdateUser,
    wire::CreateWebhook,
    wire::CreatedWebhook,
    wire::Envelope<Vec<wire::WebhookDelivery>, wire::NextMeta>,
    wire::Replayed,
    wire::RotatedWebhookSecret,
    wire::WebhookTest,
)))]
struct Api;

#[test]
fn every_body_has_a_schema_of_its_own_name() {
    let api = serde_json::to_value(Api::openapi()).unwrap();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    for name in ["Message", "Entity", "ErrorCode", "Envelope_Me_TimeMeta", "Secret", "Settings"] {
        assert!(schemas.contains_key(name), "{name} is missing among {:?}", schemas.keys());
    }
    let settings = &schemas["Settings"]["properties"];
    for key in ["CLIENT_API_HOST", "SECURED_MEDIA_HOST", "file.size.max", "file.count.max"] {
        assert!(settings[key].is_object(), "{key} is missing in {settings}");
    }
    let codes = schemas["ErrorCode"]["enum"].as_array().unwrap();
    assert!(codes.contains(&"AUTH_ERR_AUTH_TOKEN_NOT_FOUND".into()), "{codes:?}");
}
