//! What a rule answers when it says yes.

use crate::activity::ActivityEvent;

/// How the stored object has to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Nothing differs: nothing is written, no version moves, no entry is left.
    None,
    /// A new object.
    Create,
    /// Another state of an object, valid only while its stored version is still the one read.
    Update,
    /// The object goes.
    Remove,
}

/// What must happen in the same transaction beside the object itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Every session of the member ends.
    EndSessions,
    /// The local password, if any, is void.
    VoidPassword,
    /// Pending password resets are void.
    VoidResets,
    /// The open invitation is used up.
    VoidInvitation,
    /// Whatever an owner was asked, or allowed, about linking the member is settled.
    UseLinkApproval,
}

/// A decided change: the next state, the activity entries it leaves and what goes with it.
///
/// A store saves all of it in one transaction or none of it, so an entry can be neither
/// forgotten nor torn from its change.
#[must_use = "a change has no effect until it is saved"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<T> {
    /// How the stored object changes.
    pub kind: ChangeKind,
    /// The next state (for a removal: the last one). Its version is the one that was read.
    pub value: T,
    /// The entries it leaves.
    pub events: Vec<ActivityEvent>,
    /// What goes with it.
    pub effects: Vec<Effect>,
}

impl<T> Change<T> {
    /// Nothing differs.
    pub fn none(value: T) -> Self {
        Self {
            kind: ChangeKind::None,
            value,
            events: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// A new object.
    pub fn create(value: T, event: ActivityEvent) -> Self {
        Self {
            kind: ChangeKind::Create,
            value,
            events: vec![event],
            effects: Vec::new(),
        }
    }

    /// Another state.
    pub fn update(value: T, events: Vec<ActivityEvent>) -> Self {
        Self {
            kind: ChangeKind::Update,
            value,
            events,
            effects: Vec::new(),
        }
    }

    /// The end of the object.
    pub fn remove(last: T, event: ActivityEvent) -> Self {
        Self {
            kind: ChangeKind::Remove,
            value: last,
            events: vec![event],
            effects: Vec::new(),
        }
    }

    /// With what must happen beside it.
    pub fn with(mut self, effects: &[Effect]) -> Self {
        for effect in effects {
            if !self.effects.contains(effect) {
                self.effects.push(*effect);
            }
        }
        self
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.kind == ChangeKind::None
    }
}
