//! Queries that need a run's history.

use flowgen::Node;
use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_client::{WorkflowExecutionInfo, WorkflowFetchHistoryOptions};
use temporalio_common::protos::temporal::api::history::v1::HistoryEvent;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

use crate::error::Error;
use crate::runs::{Handle, Runs, server};

impl<N: Node, Cx: Serialize + DeserializeOwned + Send + 'static> Runs<N, Cx> {
    /// Returns the ids of the messages that a run sent, in the order in which it sent them. Each message is a
    /// separate run.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::cancel`].
    pub async fn messages(&self, run: &str) -> Result<Vec<String>, Error> {
        let mut execution = self.known(run).await?.run_id().to_owned();
        let mut sent = Vec::new();
        // A run whose history became long has earlier executions.
        while !execution.is_empty() {
            let mut before = String::new();
            let mut sent_here = Vec::new();
            for event in self.events(run, execution).await? {
                match event.attributes {
                    Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
                        before = started.continued_execution_run_id;
                    }
                    Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(child)) => {
                        sent_here.push(child.workflow_id);
                    }
                    _ => {}
                }
            }
            sent.splice(..0, sent_here);
            execution = before;
        }
        Ok(sent)
    }

    /// Returns what holds a run up: why no worker can advance it, and the results of the last attempts of steps
    /// that are being retried. Empty if the run makes progress.
    ///
    /// # Errors
    ///
    /// The errors of [`Runs::cancel`].
    pub async fn blocked_reasons(&self, run: &str) -> Result<Vec<String>, Error> {
        let described = self.known(run).await?;
        let steps = described.raw().pending_activities.iter();
        let faults =
            steps.filter_map(|step| step.last_failure.as_ref()).map(|failure| failure.message.clone());
        let refusal = self.refusal(run, described.run_id().to_owned()).await?;
        Ok(refusal.into_iter().chain(faults).collect())
    }

    /// Returns why the last worker that got a workflow task of the run did not advance it.
    async fn refusal(&self, run: &str, execution: String) -> Result<Option<String>, Error> {
        let mut refusal = None;
        for event in self.events(run, execution).await? {
            match event.attributes {
                Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) => {
                    refusal = failed.failure.map(|failure| failure.message);
                }
                Some(Attributes::WorkflowTaskCompletedEventAttributes(_)) => refusal = None,
                _ => {}
            }
        }
        Ok(refusal)
    }

    /// Returns the events of one execution of a run's workflow.
    async fn events(&self, run: &str, execution: String) -> Result<Vec<HistoryEvent>, Error> {
        let at = WorkflowExecutionInfo::builder()
            .namespace(self.client.options().namespace.clone())
            .workflow_id(run)
            .run_id(execution)
            .build();
        let history =
            Handle::new(self.client.clone(), at).fetch_history(WorkflowFetchHistoryOptions::default());
        history.into_events().await.map_err(|error| server(run, error))
    }
}
