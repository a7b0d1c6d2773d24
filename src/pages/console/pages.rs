//! Pages of a list that is read as a whole.

/// The number of entries on a page.
pub(super) const ON_A_PAGE: usize = 50;

/// The entries of the page after the one with the id `after`, and the id of its last one if there
/// is a next page. The list begins again if there is no such entry any more.
pub(super) fn page_after<'a, T>(all: &'a [T], after: &str, id: impl Fn(&T) -> &str) -> (&'a [T], Option<&'a str>)
where
    T: 'a,
{
    let start = all.iter().position(|entry| id(entry) == after).map_or(0, |index| index + 1);
    let rest = &all[start..];
    let (shown, hidden) = rest.split_at(rest.len().min(ON_A_PAGE));
    (shown, shown.last().filter(|_| !hidden.is_empty()).map(id))
}

/// The path of the next page of the one at `path`, after the entry with this id.
pub(super) fn next_path(path: &str, after: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", after).finish();
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_on_one_page() {
        for number in [0, 1, ON_A_PAGE, ON_A_PAGE + 1, 2 * ON_A_PAGE, 2 * ON_A_PAGE + 1] {
            let all: Vec<String> = (0..number).map(|index| format!("scope:{index}")).collect();
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let (shown, next) = page_after(&all, &after, |name| name);
                assert!(shown.len() <= ON_A_PAGE);
                seen.extend_from_slice(shown);
                let Some(next) = next else { break };
                after = next.to_owned();
            }
            assert_eq!(seen, all);
        }
    }

    #[test]
    fn list_begins_again_after_an_entry_that_is_gone() {
        let all = ["a", "b"];
        assert_eq!(page_after(&all, "gone", |name| name), (&all[..], None));
        assert_eq!(page_after(&all, "a", |name| name), (&all[1..], None));
    }

    #[test]
    fn id_in_a_path_is_encoded() {
        assert_eq!(next_path("/admin/resources/talk", "a:b&c=d"), "/admin/resources/talk?after=a%3Ab%26c%3Dd");
    }
}
