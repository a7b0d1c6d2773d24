//! The pages for users: one file per page, with its data and its handlers.

pub mod account;
pub mod accounts;
mod answer;
pub mod app_logo;
pub mod code_page;
pub mod confirm_email;
pub mod consent;
pub mod console;
pub mod device;
pub mod error_docs;
pub mod index;
pub mod login;
pub mod logout;
pub mod not_open;
pub mod passkey_prompt;
pub mod recover;
pub mod sign_up;
pub mod step_up;
pub mod take_back;
pub mod terms;
