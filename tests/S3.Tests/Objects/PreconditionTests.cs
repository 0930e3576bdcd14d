using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Objects;

public class PreconditionTests
{
    private const string Before = "Fri, 02 Jan 2026 03:04:04 GMT";
    private const string At = "Fri, 02 Jan 2026 03:04:05 GMT";

    private static readonly DateTimeOffset Modified = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMilliseconds(700);

    /// <summary>RFC 9110 §13.2.2, and the table of "GetObject" in the S3 API Reference.</summary>
    [Theory]
    [InlineData(ReadOutcome.Serve)]
    [InlineData(ReadOutcome.Serve, "If-Match", "\"tag\"")]
    [InlineData(ReadOutcome.Serve, "If-Match", "tag")]
    [InlineData(ReadOutcome.Serve, "If-Match", "*")]
    [InlineData(ReadOutcome.Serve, "If-Match", "\"a\", \"tag\"")]
    [InlineData(ReadOutcome.Failed, "If-Match", "\"other\"")]
    [InlineData(ReadOutcome.NotModified, "If-None-Match", "\"tag\"")]
    [InlineData(ReadOutcome.NotModified, "If-None-Match", "W/\"tag\"")]
    [InlineData(ReadOutcome.NotModified, "If-None-Match", "*")]
    [InlineData(ReadOutcome.Serve, "If-None-Match", "\"other\"")]
    [InlineData(ReadOutcome.NotModified, "If-Modified-Since", At)]
    [InlineData(ReadOutcome.Serve, "If-Modified-Since", Before)]
    [InlineData(ReadOutcome.Serve, "If-Modified-Since", "yesterday")]
    [InlineData(ReadOutcome.Serve, "If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")] // in the future: as if not sent
    [InlineData(ReadOutcome.Serve, "If-Unmodified-Since", At)]
    [InlineData(ReadOutcome.Failed, "If-Unmodified-Since", Before)]
    [InlineData(ReadOutcome.Serve, "If-Match", "tag", "If-Unmodified-Since", Before)]
    [InlineData(ReadOutcome.Failed, "If-Match", "other", "If-Unmodified-Since", At)]
    [InlineData(ReadOutcome.NotModified, "If-None-Match", "tag", "If-Modified-Since", Before)]
    [InlineData(ReadOutcome.Serve, "If-None-Match", "other", "If-Modified-Since", At)]
    [InlineData(ReadOutcome.Failed, "If-Match", "other", "If-None-Match", "tag")]
    [InlineData(ReadOutcome.NotModified, "If-Match", "tag", "If-None-Match", "tag")]
    public void Reads(ReadOutcome expected, params string[] lines)
    {
        Assert.Equal(expected, ReadPreconditions.Read(Headers("", lines), Modified.AddHours(1)).Judge("tag", Modified));

        var source = ReadPreconditions.ReadCopySource(Headers("x-amz-copy-source-", lines), Modified.AddHours(1));
        if (expected == ReadOutcome.Serve) source.JudgeCopySource("tag", Modified);
        else Expect.Refusal(ErrorCode.PreconditionFailed, () => source.JudgeCopySource("tag", Modified));
    }

    [Fact]
    public void Writes()
    {
        Assert.Equal(WritePrecondition.None, WritePreconditions.Read(Http.Headers()));
        Assert.Equal(new WritePrecondition(null, "*"), WritePreconditions.Read(Http.Headers(("If-None-Match", "*"))));
        Assert.Equal(new WritePrecondition("tag", null), WritePreconditions.Read(Http.Headers(("If-Match", "\"tag\""))));
        Assert.Equal(new WritePrecondition("tag-2", null), WritePreconditions.Read(Http.Headers(("if-match", "tag-2"))));
        foreach (var bad in new[] { "", "\"", "\"\"", "a,b", "\"a\",\"b\"", "a*", "*" })
            Expect.Refusal(ErrorCode.NotImplemented, () => WritePreconditions.Read(Http.Headers(("If-Match", bad))));
        Expect.Refusal(ErrorCode.NotImplemented, () => WritePreconditions.Read(Http.Headers(("If-None-Match", "\"tag\""))));
        Expect.Refusal(ErrorCode.NotImplemented, () => WritePreconditions.Read(Http.Headers(("If-None-Match", "*"), ("If-Match", "tag"))));
        Expect.Refusal(ErrorCode.NotImplemented, () => WritePreconditions.Read(Http.Headers(("If-Unmodified-Since", At))));
        Assert.Equal("*", WritePreconditions.ReadDelete(Http.Headers(("If-Match", "*")))); // deletes take it
        Expect.Refusal(ErrorCode.NotImplemented, () => WritePreconditions.ReadDelete(Http.Headers(("If-None-Match", "*"))));
    }

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    public void The_three_forms_of_http_dates(string text)
    {
        Assert.True(HttpDate.TryParse(text, out var time));
        Assert.Equal(new DateTimeOffset(1994, 11, 6, 8, 49, 37, TimeSpan.Zero), time);
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.Format(time));
    }

    private static RequestHeaders Headers(string prefix, string[] lines)
    {
        var headers = new RequestHeaders();
        for (var i = 0; i < lines.Length; i += 2) headers.Add(prefix + lines[i], lines[i + 1]);
        return headers;
    }
}
