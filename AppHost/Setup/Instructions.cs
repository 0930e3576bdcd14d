namespace OrleansDfs.AppHost.Setup;

/// <summary>What somebody pastes into a shell to use the cluster.</summary>
static class Instructions
{
    public static string ForShell(ClusterPlan plan) => $"""
          export AWS_ACCESS_KEY_ID={plan.Secrets.RootAccessKey}
          export AWS_SECRET_ACCESS_KEY={plan.Secrets.RootSecretKey}
          export AWS_REGION=us-east-1
          export AWS_ENDPOINT_URL={plan.Gateway.Url}
          aws s3 mb s3://hello && aws s3 cp README.md s3://hello/ && aws s3 ls s3://hello/{ForHttps(plan)}
        """;

    static string ForHttps(ClusterPlan plan) => plan.Gateway.Https is { } https
        ? $"""

            # or over HTTPS:
            export AWS_ENDPOINT_URL={https.Url} AWS_CA_BUNDLE={https.Certificate.Authority}
          """
        : "";
}
