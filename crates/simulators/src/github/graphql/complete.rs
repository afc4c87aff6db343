//! Makes answers whole, as GraphQL's specification wants them. The library that
//! carries queries out leaves a field that failed away and tells an object of
//! which nothing is asked as null; clients are owed null for the one and an
//! empty object for the other.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Pos, Positioned, Response as Outcome, ServerError, Value,
    parser::{
        parse_schema,
        types::{
            BaseType, DocumentOperations, ExecutableDocument, Field, FragmentDefinition,
            OperationDefinition, Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
        },
    },
};

/// The response key of a field that is asked for in every object, so that none
/// is empty; it is taken out again.
const MARK: &str = "__mark";

/// The types of all fields.
pub(super) struct Types {
    by_type: HashMap<String, HashMap<String, Type>>,
}

impl Types {
    /// Reads them from a schema in GraphQL's own language.
    pub(super) fn of(schema: &str) -> Self {
        let document = parse_schema(schema).expect("the library reads the schema that it writes");
        let mut by_type = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields
                .into_iter()
                .map(|field| (field.node.name.node.to_string(), field.node.ty.node))
                .collect();
            by_type.insert(definition.node.name.node.to_string(), fields);
        }
        Self { by_type }
    }
}

/// Asks for the mark in every object.
pub(super) fn mark(document: &mut ExecutableDocument) {
    for fragment in document.fragments.values_mut() {
        mark_within(&mut fragment.node.selection_set.node);
    }
    let operations: Vec<&mut OperationDefinition> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(all) => all.values_mut().map(|it| &mut it.node).collect(),
    };
    for operation in operations {
        mark_object(&mut operation.selection_set.node);
    }
}

fn mark_object(set: &mut SelectionSet) {
    mark_within(set);
    // A field of which nothing is asked is no object, or is refused.
    if set.items.is_empty() {
        return;
    }
    let at = |text: &str| Positioned::new(Name::new(text), Pos::default());
    let field = Field {
        alias: Some(at(MARK)),
        name: at("__typename"),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::default(),
    };
    let field = Selection::Field(Positioned::new(field, Pos::default()));
    set.items.push(Positioned::new(field, Pos::default()));
}

fn mark_within(set: &mut SelectionSet) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => mark_object(&mut field.node.selection_set.node),
            Selection::InlineFragment(fragment) => {
                mark_within(&mut fragment.node.selection_set.node);
            }
            // It is marked where it is defined.
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// The answer with its marks taken out and a null for each field that failed
/// or, where that can't be null, for the nearest one around it that can.
pub(super) fn complete(
    types: &Types,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
    operation: &OperationDefinition,
    mut outcome: Outcome,
) -> Outcome {
    unmark(&mut outcome.data);
    let nullability = Nullability { types, fragments };
    for ServerError { path, .. } in &outcome.errors {
        let set = &operation.selection_set.node;
        let along = nullability.along(set, "Query", path);
        let Some(along) = along else { continue };
        match along.iter().rposition(|nullable| *nullable) {
            Some(last) => put_null(&mut outcome.data, &path[..=last]),
            None => outcome.data = Value::Null,
        }
    }
    outcome
}

fn unmark(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove(MARK);
            fields.values_mut().for_each(unmark);
        }
        Value::List(items) => items.iter_mut().for_each(unmark),
        _ => {}
    }
}

fn put_null(value: &mut Value, path: &[PathSegment]) {
    match (value, path) {
        (value, []) => *value = Value::Null,
        (Value::Object(fields), [PathSegment::Field(name), rest @ ..]) => {
            put_null(fields.entry(Name::new(name)).or_insert(Value::Null), rest);
        }
        (Value::List(items), [PathSegment::Index(place), rest @ ..]) => {
            if let Some(item) = items.get_mut(*place) {
                put_null(item, rest);
            }
        }
        // An earlier error has made null of what is around it.
        _ => {}
    }
}

struct Nullability<'a> {
    types: &'a Types,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
}

impl Nullability<'_> {
    /// For each step of a path whether it may be null.
    fn along(&self, set: &SelectionSet, on: &str, path: &[PathSegment]) -> Option<Vec<bool>> {
        let [PathSegment::Field(key), rest @ ..] = path else {
            return None;
        };
        set.items
            .iter()
            .find_map(|selection| match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key.as_str() => {
                    let field = &field.node;
                    let ty = self.types.by_type.get(on)?.get(field.name.node.as_str())?;
                    self.within(ty, &field.selection_set.node, rest)
                }
                Selection::Field(_) => None,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                    self.along(&fragment.node.selection_set.node, on, path)
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.fragments.get(&spread.node.fragment_name.node)?.node;
                    let on = fragment.type_condition.node.on.node.as_str();
                    self.along(&fragment.selection_set.node, on, path)
                }
            })
    }

    /// The same for a value of a type.
    fn within(&self, ty: &Type, set: &SelectionSet, path: &[PathSegment]) -> Option<Vec<bool>> {
        let mut nullable = vec![ty.nullable];
        match (path, &ty.base) {
            ([], _) => {}
            ([PathSegment::Index(_), rest @ ..], BaseType::List(item)) => {
                nullable.extend(self.within(item, set, rest)?);
            }
            (path, BaseType::Named(name)) => nullable.extend(self.along(set, name, path)?),
            _ => return None,
        }
        Some(nullable)
    }
}
