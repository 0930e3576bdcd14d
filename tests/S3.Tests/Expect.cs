namespace OrleansDfs.S3.Tests;

/// <summary>Asserts on refusals.</summary>
internal static class Expect
{
    public static S3Error Refusal(ErrorCode code, Action act)
    {
        var refusal = Assert.Throws<S3Exception>(act);
        Assert.Equal(code, refusal.Code);
        Assert.NotEmpty(refusal.Error.Message);
        return refusal.Error;
    }

    public static async Task<S3Error> RefusalAsync(ErrorCode code, Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<S3Exception>(act);
        Assert.Equal(code, refusal.Code);
        return refusal.Error;
    }

    public static string Detail(this S3Error error, string name) => error.Details.Single(detail => detail.Key == name).Value;
}
