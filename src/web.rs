//! HTTP helpers: forms, cookies, client addresses, and errors as JSON, bearer challenge or page.

pub mod assets;
pub mod bearer_error;
pub mod branding;
pub mod client_address;
pub mod cookies;
pub mod error_page;
pub mod etag;
pub mod form;
pub mod json;
pub mod limits;
pub mod locale;
pub mod mount;
pub mod oauth_error;
pub mod opener;
pub mod page;
pub mod proxy_faults;
pub mod redirect;
pub mod refusal_log;
pub mod request_id;
pub mod shown_host;
pub mod speculative;
pub mod user_agent;
pub mod zone;

pub use redirect::see_other;
pub use refusal_log::RefusalLog;
