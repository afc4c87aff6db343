//! Lists that come in pages, and the `Link` header that leads from one to the
//! next.

use url::form_urlencoded;

/// How long a page is unless the caller says otherwise.
const DEFAULT_LENGTH: usize = 30;

/// How long a page can be.
const LONGEST: usize = 100;

/// The page that a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// Counted from 1.
    pub(super) number: usize,
    /// How many items it has at most.
    pub(super) length: usize,
}

impl Page {
    /// Reads `page` and `per_page`; what is no sensible number is left out, as
    /// GitHub does.
    pub(super) fn of(query: &[(String, String)]) -> Self {
        Self {
            number: positive(query, "page").unwrap_or(1),
            length: positive(query, "per_page").map_or(DEFAULT_LENGTH, |asked| asked.min(LONGEST)),
        }
    }

    /// How many items lie before it.
    pub(super) fn skip(self) -> usize {
        (self.number - 1).saturating_mul(self.length)
    }

    /// The number of the last page of this many items; at least 1.
    pub(super) fn last(self, items: usize) -> usize {
        items.div_ceil(self.length).max(1)
    }

    /// Its items out of all.
    pub(super) fn cut<T>(self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        items
            .into_iter()
            .skip(self.skip())
            .take(self.length)
            .collect()
    }

    /// The `Link` header of this page of `address`, when there are `items`
    /// items; none when one page holds all.
    pub(super) fn link(
        self,
        address: &str,
        query: &[(String, String)],
        items: usize,
    ) -> Option<String> {
        let last = self.last(items);
        let mut links = Vec::new();
        if self.number > 1 {
            links.push(("prev", (self.number - 1).min(last)));
        }
        if self.number < last {
            links.push(("next", self.number + 1));
            links.push(("last", last));
        }
        if self.number > 1 {
            links.push(("first", 1));
        }
        let text = links
            .into_iter()
            .map(|(relation, page)| {
                format!("<{address}?{}>; rel=\"{relation}\"", with_page(query, page))
            })
            .collect::<Vec<_>>()
            .join(", ");
        (!text.is_empty()).then_some(text)
    }
}

fn positive(query: &[(String, String)], name: &str) -> Option<usize> {
    let (_, value) = query.iter().find(|(key, _)| key == name)?;
    value.parse().ok().filter(|number| *number > 0)
}

fn with_page(query: &[(String, String)], page: usize) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query.iter().filter(|(key, _)| key != "page"))
        .append_pair("page", &page.to_string())
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn nonsense_is_the_default_and_too_much_is_the_most() {
        for (per_page, length) in [
            ("", 30),
            ("x", 30),
            ("0", 30),
            ("-1", 30),
            ("7", 7),
            ("101", 100),
        ] {
            let page = Page::of(&query(&[("per_page", per_page), ("page", "0")]));
            assert_eq!(page, Page { number: 1, length });
        }
    }

    #[test]
    fn links_lead_through_all_pages() {
        let asked = query(&[("sha", "a b"), ("page", "2"), ("per_page", "10")]);
        let page = Page::of(&asked);
        insta::assert_snapshot!(
            page.link("http://x/y", &asked, 35).unwrap(),
            @r#"<http://x/y?sha=a+b&per_page=10&page=1>; rel="prev", <http://x/y?sha=a+b&per_page=10&page=3>; rel="next", <http://x/y?sha=a+b&per_page=10&page=4>; rel="last", <http://x/y?sha=a+b&per_page=10&page=1>; rel="first""#
        );
        assert_eq!(
            Page {
                number: 1,
                length: 30
            }
            .link("http://x/y", &[], 30),
            None
        );
    }

    #[test]
    fn a_page_far_beyond_the_end_is_empty() {
        let page = Page {
            number: usize::MAX,
            length: 100,
        };
        assert_eq!(page.cut(0..10), Vec::<i32>::new());
    }
}
