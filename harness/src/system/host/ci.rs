//! CI variables that say what is built where: an allow-list, so that no token is ever recorded.

use std::collections::BTreeMap;

/// Names that are recorded when they are set. Forgejo and Gitea set GitHub's names too.
const NAMES: [&str; 45] = [
    "BUILDKITE",
    "BUILDKITE_BRANCH",
    "BUILDKITE_BUILD_NUMBER",
    "BUILDKITE_COMMIT",
    "BUILDKITE_PIPELINE_SLUG",
    "CI",
    "CIRCLECI",
    "CIRCLE_BRANCH",
    "CIRCLE_BUILD_NUM",
    "CIRCLE_SHA1",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_SHA",
    "CI_JOB_ID",
    "CI_JOB_NAME",
    "CI_MERGE_REQUEST_IID",
    "CI_PIPELINE_ID",
    "CI_PROJECT_PATH",
    "CI_RUNNER_EXECUTABLE_ARCH",
    "CI_SERVER_NAME",
    "FORGEJO_ACTIONS",
    "GITEA_ACTIONS",
    "GITHUB_ACTIONS",
    "GITHUB_BASE_REF",
    "GITHUB_EVENT_NAME",
    "GITHUB_HEAD_REF",
    "GITHUB_JOB",
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_RUN_NUMBER",
    "GITHUB_SERVER_URL",
    "GITHUB_SHA",
    "GITHUB_WORKFLOW",
    "GITLAB_CI",
    "ImageOS",
    "ImageVersion",
    "JENKINS_URL",
    "RUNNER_ARCH",
    "RUNNER_ENVIRONMENT",
    "RUNNER_NAME",
    "RUNNER_OS",
    "TF_BUILD",
    "TRAVIS",
];

/// The CI variables of this process that are on the allow-list and not empty.
pub fn ci_variables() -> BTreeMap<String, String> {
    choose(|name| std::env::var(name).ok())
}

fn choose(get: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let set = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), get(name)?)));
    set.filter(|(_, value)| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_variables_that_are_set_and_not_empty_are_taken() {
        let environment = BTreeMap::from([
            ("GITHUB_SHA", "abc"),
            ("GITHUB_TOKEN", "secret"),
            ("ACTIONS_RUNTIME_TOKEN", "secret"),
            ("GITHUB_HEAD_REF", ""),
        ]);
        let chosen = choose(|name| environment.get(name).map(|value| (*value).to_owned()));
        assert_eq!(chosen, BTreeMap::from([("GITHUB_SHA".to_owned(), "abc".to_owned())]));
    }

    #[test]
    fn no_listed_name_is_that_of_a_secret_and_the_list_is_sorted() {
        assert!(NAMES.is_sorted());
        let secret = ["TOKEN", "SECRET", "PASSWORD", "KEY", "CREDENTIAL"];
        assert!(NAMES.iter().all(|name| !secret.iter().any(|word| name.contains(word))));
    }
}
