//! What a query costs: GitHub counts the requests that its connections would
//! take, and divides by a hundred.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
        Selection, SelectionSet,
    },
};

/// How many selections are looked at before a query is taken for too large.
const MOST_SELECTIONS: usize = 20_000;

/// How deep fragments and fields may lie in each other.
const DEEPEST: usize = 50;

/// The price of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Price {
    /// In points of the hourly budget.
    pub(super) points: u64,
    /// How many nodes it can return.
    pub(super) nodes: u64,
}

/// The price of the operation of this name, or of the only one; none for a
/// document that holds no such operation or is too large to be looked through.
pub(super) fn price(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> Option<Price> {
    let operation = chosen(&document.operations, operation)?;
    let mut count = Count {
        fragments: &document.fragments,
        operation,
        variables,
        requests: 0,
        nodes: 0,
        looked_at: 0,
    };
    count.selections(&operation.selection_set.node, 1, 0)?;
    Some(Price {
        points: ((count.requests + 50) / 100).max(1),
        nodes: count.nodes,
    })
}

/// The operation of this name, or the only one.
pub(super) fn chosen<'a>(
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(all), Some(name)) => Some(&all.get(name)?.node),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.values().next().map(|operation| &operation.node)
        }
        (DocumentOperations::Multiple(_), None) => None,
    }
}

struct Count<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    requests: u64,
    nodes: u64,
    looked_at: usize,
}

impl Count<'_> {
    /// Adds up selections that are read so many times.
    fn selections(&mut self, set: &SelectionSet, times: u64, depth: usize) -> Option<()> {
        for selection in &set.items {
            self.looked_at += 1;
            if self.looked_at > MOST_SELECTIONS || depth > DEEPEST {
                return None;
            }
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, times, depth)?,
                Selection::InlineFragment(fragment) => {
                    let set = &fragment.node.selection_set.node;
                    self.selections(set, times, depth + 1)?;
                }
                Selection::FragmentSpread(spread) => {
                    // One that is not there is the validation's to refuse.
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.fragments.get(name) {
                        let set = &fragment.node.selection_set.node;
                        self.selections(set, times, depth + 1)?;
                    }
                }
            }
        }
        Some(())
    }

    fn field(&mut self, field: &Field, times: u64, depth: usize) -> Option<()> {
        let size = self
            .number(field, "first")
            .or_else(|| self.number(field, "last"));
        let mut inner = times;
        if let Some(size) = size {
            inner = times.saturating_mul(size);
            self.requests = self.requests.saturating_add(times);
            self.nodes = self.nodes.saturating_add(inner);
        } else if let Some(ids) = self.ids(field) {
            inner = times.saturating_mul(ids);
            self.nodes = self.nodes.saturating_add(inner);
        }
        self.selections(&field.selection_set.node, inner, depth + 1)
    }

    fn number(&self, field: &Field, name: &str) -> Option<u64> {
        match self.argument(field, name)? {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// How many node ids `nodes` is asked for.
    fn ids(&self, field: &Field) -> Option<u64> {
        if field.name.node != "nodes" {
            return None;
        }
        match self.argument(field, "ids")? {
            Value::List(ids) => u64::try_from(ids.len()).ok(),
            _ => None,
        }
    }

    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = field.get_argument(name)?.node.clone();
        value
            .into_const_with(|variable| {
                let given = self.variables.get(&variable).cloned();
                given.or_else(|| self.default(&variable)).ok_or(())
            })
            .ok()
    }

    fn default(&self, variable: &Name) -> Option<Value> {
        self.operation
            .variable_definitions
            .iter()
            .find(|definition| definition.node.name.node == *variable)
            .and_then(|definition| definition.node.default_value().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn priced(query: &str, variables: serde_json::Value) -> Option<Price> {
        let document = async_graphql::parser::parse_query(query).unwrap();
        price(&document, None, &Variables::from_json(variables))
    }

    #[test]
    fn a_query_costs_a_point_at_least() {
        let price = priced("{ viewer { login } }", serde_json::Value::Null);
        assert_eq!(
            price,
            Some(Price {
                points: 1,
                nodes: 0
            })
        );
    }

    #[test]
    fn connections_within_connections_multiply() {
        // The example of GitHub's own documentation: 1 + 100 + 5,000 requests.
        let query = r"
            query($comments: Int!, $labels: Int = 60) {
              viewer {
                repositories(first: 100) {
                  edges { node { issues(first: 50) { edges { node { ...Labels } } } } }
                }
              }
            }
            fragment Labels on Issue { labels(first: $labels) { nodes { name } } }";
        let price = priced(query, serde_json::json!({ "comments": 1 })).unwrap();
        assert_eq!(price.points, 51);
        assert_eq!(price.nodes, 100 + 5_000 + 300_000);
    }

    #[test]
    fn node_ids_multiply_too() {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Deployment { statuses(first: 100) { totalCount } } } }";
        let ids: Vec<String> = (0..100).map(|id| id.to_string()).collect();
        let price = priced(query, serde_json::json!({ "ids": ids })).unwrap();
        assert_eq!(price.points, 1);
        assert_eq!(price.nodes, 100 + 10_000);
    }

    #[test]
    fn a_fragment_that_holds_itself_has_no_price() {
        let query = "{ ...A } fragment A on Query { viewer { login } ...A }";
        assert_eq!(priced(query, serde_json::Value::Null), None);
    }
}
