//! The files of a reading test: the visible text with questions, and the right answers.

use std::{fs, path::PathBuf};

use writ::web::locale::Locale;

use super::{Measured, Situation};
use crate::support::Page;

/// The folder for the files, if `scripts/reading` sets one.
const FOLDER: &str = "WRIT_READING_FOLDER";

const ENGLISH: [&str; 7] = [
    "You press Allow and change nothing but what is named below. What can the app do then, and what not?",
    "Can it send messages in your name?",
    "You sign out. Can the app still use what you allowed?",
    "You never sign out and use the app every day. When does its access end?",
    "You press Deny. What does the app have then?",
    "Who runs the app, and did the operator of this server check it? Which site do you come to?",
    "Next week you want to take it back. Where?",
];
const KOREAN: [&str; 7] = [
    "아래에 적힌 것만 바꾸고 ‘허용’을 누릅니다. 앱이 할 수 있는 일과 할 수 없는 일은 무엇인가요?",
    "앱이 내 이름으로 메시지를 보낼 수 있나요?",
    "로그아웃합니다. 앱이 허용한 권한을 계속 쓸 수 있나요?",
    "로그아웃하지 않고 앱을 매일 씁니다. 앱의 권한은 언제 끝나나요?",
    "‘거부’를 누릅니다. 앱에는 무엇이 남나요?",
    "앱을 운영하는 곳은 어디이며, 이 서버의 관리자가 확인했나요? 어느 사이트로 이동하나요?",
    "다음 주에 연결을 끊고 싶습니다. 어디에서 할 수 있나요?",
];

/// Writes the two files of a situation, if there is a folder.
pub(super) fn write_files(situation: &Situation, locale: Locale, page: &Page, measured: &Measured) {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let questions = if locale == Locale::KO { KOREAN } else { ENGLISH };
    let mut reading = visible_text(&page.body);
    reading.push_str("\n----\n");
    for (number, question) in questions.iter().enumerate() {
        reading.push_str(&format!("{}. {question}\n", number + 1));
    }
    let changed = if situation.changed.is_empty() { "nothing".to_owned() } else { situation.changed.join(", ") };
    reading.push_str(&format!("(changed: {changed}; duration: {})\n", situation.duration.unwrap_or("as preset")));
    let name = format!("{}-{locale}", situation.name);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(format!("{name}.txt")), reading).expect("written");
    fs::write(folder.join(format!("{name}-answers.txt")), answers(measured)).expect("written");
}

/// The right answers, from the measured behaviour.
fn answers(measured: &Measured) -> String {
    let withheld = if measured.withheld.is_empty() { "nothing".to_owned() } else { measured.withheld.join(", ") };
    let sends = measured.granted.split(' ').any(|scope| scope == "message:send");
    let yes = |is: bool| if is { "yes" } else { "no" };
    let end = match measured.ends_after / 3600 {
        hours if !measured.survives_sign_out => format!("with the browser session, after {hours} hours at most"),
        hours if measured.ends_unused.is_some() => {
            format!("after 90 days without use or when it is taken back, after {hours} hours at most")
        }
        hours => format!("after {hours} hours"),
    };
    [
        format!("1. it can: {}; of what it requested it cannot: {withheld}", measured.granted),
        format!("2. {}", yes(sends)),
        format!("3. {}", yes(measured.survives_sign_out)),
        format!("4. {end}"),
        format!("5. {}", measured.denial_leaves.as_deref().unwrap_or("nothing")),
        format!("6. approved: {}; {}", yes(measured.approved), measured.host.as_deref().unwrap_or("no site")),
        format!("7. under connected apps, which ends it: {}", yes(measured.disconnect_ends)),
    ]
    .join("\n")
        + "\n"
}

/// The visible text, without tags, styles and collapsed or hidden parts.
fn visible_text(html: &str) -> String {
    let body = html.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or_default();
    let body = body.split_once('>').map_or(body, |(_, rest)| rest);
    let mut text = String::new();
    let mut is_hidden = false;
    for part in body.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap_or((part, ""));
        // What is not ticked appears in the list when a box is unticked.
        is_hidden = (is_hidden || tag.starts_with("li ") && tag.ends_with(" hidden")) && tag != "/li";
        if is_hidden {
            continue;
        }
        match tag.split_whitespace().next().unwrap_or_default() {
            "input" if tag.contains("checkbox") || tag.contains("radio") => {
                text.push_str(if tag.contains(" checked") { "\n[x] " } else { "\n[ ] " });
            }
            "span" | "dd" | "a" => text.push(' '),
            "h1" | "h2" | "p" | "li" | "dt" | "legend" | "summary" | "button" | "div" => text.push('\n'),
            _ => {}
        }
        text.push_str(words.trim_matches('\n'));
    }
    let text = text.replace("&#39;", "'").replace("&#34;", "\"").replace("&#62;", ">").replace("&#38;", "&");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
