//! HTTP manners shared by every page: the language it speaks, the headers it carries, the files it loads.

pub mod assets;
pub mod locale;
pub mod page;
