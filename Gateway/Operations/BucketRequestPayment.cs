using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetBucketRequestPayment: nobody is billed here, and the owner is AWS's default.</summary>
static class GetBucketRequestPayment
{
    public static Task Handle(S3Request request)
    {
        request.Xml(output => BucketResults.WriteRequestPayment(output));
        return Task.CompletedTask;
    }
}

/// <summary>PutBucketRequestPayment: the default may be set, anything else is NotImplemented.</summary>
static class PutBucketRequestPayment
{
    public static async Task Handle(S3Request request)
    {
        RequestPaymentRequest.Parse(await request.ReadDocument(RequestPaymentRequest.MaxBytes));
        request.Empty();
    }
}
