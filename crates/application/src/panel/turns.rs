//! Many small transactions at a time, so that a store which waits for the disk waits once for
//! several of them.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

/// How many are under way at once: enough to share a commit, and far from filling the queue of
/// the store.
const AT_ONCE: usize = 32;

/// Something under way.
pub(crate) type Turn<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs all of them, some at a time, and answers in the order they were given.
pub(crate) async fn in_turns<T>(turns: impl Iterator<Item = Turn<'_, T>>) -> Vec<T> {
    let (mut answers, mut turns) = (Vec::new(), turns);
    loop {
        let group: Vec<Turn<'_, T>> = turns.by_ref().take(AT_ONCE).collect();
        if group.is_empty() {
            return answers;
        }
        answers.extend(together(group).await);
    }
}

async fn together<T>(group: Vec<Turn<'_, T>>) -> Vec<T> {
    let mut slots: Vec<(Turn<'_, T>, Option<T>)> =
        group.into_iter().map(|turn| (turn, None)).collect();
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for (turn, answer) in &mut slots {
            if answer.is_none() {
                match turn.as_mut().poll(context) {
                    Poll::Ready(value) => *answer = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    slots.into_iter().filter_map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_come_in_the_order_of_the_questions_however_long_each_takes() {
        let turn = |n: usize| -> Turn<'static, usize> {
            Box::pin(async move {
                for _ in 0..(n * 7) % 5 {
                    tokio::task::yield_now().await;
                }
                n
            })
        };
        let answers = in_turns((0..100).map(turn)).await;
        assert_eq!(answers, (0..100).collect::<Vec<_>>());
    }
}
