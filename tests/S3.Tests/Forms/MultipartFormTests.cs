using System.IO.Pipelines;
using System.Text;

namespace OrleansDfs.S3.Tests.Forms;

public class MultipartFormTests
{
    private const string Type = "multipart/form-data; boundary=\"b0\"";

    private const string Valid =
        "preamble\r\n--b0\r\nContent-Disposition: form-data; name=\"key\"; filename=\"\"\r\n\r\na/${filename}\r\n--b0 \r\n" +
        "content-disposition: form-data; name=acl\r\nContent-Type: text/plain\r\n\r\nprivate\r\n--b0\r\n" +
        "Content-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\ü \\\"x\\\".txt\"\r\nContent-Type: text/plain\r\n\r\n" +
        "con\r\n--b\r\n-tent\r\n--b0\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\nignored\r\n--b0--\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Fields_and_file_come_whatever_the_pieces(int pieces)
    {
        var (form, file) = await Read(Valid, pieces);
        Assert.Equal("ü \"x\".txt", form.Fields.FileName);
        Assert.Equal("a/ü \"x\".txt", form.Fields.Key);
        Assert.Equal("private", form.Fields["ACL"]);
        Assert.Null(form.Fields["submit"]);
        Assert.Equal("con\r\n--b\r\n-tent", file);
    }

    [Fact]
    public async Task An_empty_file_is_a_file() => Assert.Equal("", (await Read(Form("k", ""), 3)).File);

    [Fact]
    public async Task Only_a_form_is_taken()
    {
        var refusal = await Expect.RefusalAsync(ErrorCode.PreconditionFailed, () => Read(Valid, 100, "application/json"));
        Assert.Equal("Bucket POST must be of the enclosure-type multipart/form-data", refusal.Detail("Condition"));
        await Expect.RefusalAsync(ErrorCode.PreconditionFailed, () => Read(Valid, 100, null));
        await Expect.RefusalAsync(ErrorCode.MalformedPOSTRequest, () => Read(Valid, 100, "multipart/form-data"));
        await Expect.RefusalAsync(ErrorCode.MalformedPOSTRequest, () => Read(Valid, 100, "multipart/form-data; boundary=other"));
        await Expect.RefusalAsync(ErrorCode.MalformedPOSTRequest, () => Read("", 100));
    }

    [Fact]
    public async Task A_form_without_a_file_is_refused()
    {
        var form = "--b0\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b0--\r\n";
        var refusal = await Expect.RefusalAsync(ErrorCode.InvalidArgument, () => Read(form, 9));
        Assert.Equal("POST requires exactly one file upload per request.", refusal.Message);
    }

    [Fact]
    public async Task A_form_that_is_cut_off_never_becomes_a_file()
    {
        var end = Valid.IndexOf("\r\n--b0\r\nContent-Disposition: form-data; name=\"submit\"", StringComparison.Ordinal) + "\r\n--b0".Length;
        for (var length = 0; length < end; length++)
            await Expect.RefusalAsync(ErrorCode.MalformedPOSTRequest, () => Read(Valid[..length], 50));
    }

    [Fact]
    public async Task What_stands_before_the_file_is_bounded()
    {
        var (_, file) = await Read(Form(new string('k', MultipartForm.MaxBytes - 300), "x"), 10_000);
        Assert.Equal("x", file);
        var big = Form(new string('k', MultipartForm.MaxBytes), "x");
        await Expect.RefusalAsync(ErrorCode.MaxPostPreDataLengthExceededError, () => Read(big, 10_000));
        await Expect.RefusalAsync(ErrorCode.MaxPostPreDataLengthExceededError, () => Read(new string('p', 100_000), 10_000));
    }

    [Theory]
    [InlineData("Content-Disposition: attachment; name=\"key\"")]
    [InlineData("Content-Disposition: form-data")]
    [InlineData("Content-Disposition: form-data; name=\"key")]
    [InlineData("Content-Disposition: form-data; name=a; name=b")]
    [InlineData("no header at all")]
    [InlineData("X: y")]
    public async Task Parts_without_a_name_are_refused(string header) =>
        await Expect.RefusalAsync(ErrorCode.MalformedPOSTRequest, () => Read($"--b0\r\n{header}\r\n\r\nv\r\n--b0--\r\n", 1000));

    [Fact]
    public async Task The_same_field_twice_is_refused() => await Expect.RefusalAsync(ErrorCode.InvalidArgument,
        () => Read("--b0\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\nb\r\n" + Form("a", "x"), 1000));

    [Fact]
    public async Task The_files_length_is_held_against_the_bounds()
    {
        Assert.Equal("12345", (await Read(Form("k", "12345"), 4, minimum: 5, maximum: 5)).File);
        var small = await Expect.RefusalAsync(ErrorCode.EntityTooSmall, () => Read(Form("k", "1234"), 4, minimum: 5));
        Assert.Equal(("4", "5"), (small.Detail("ProposedSize"), small.Detail("MinSizeAllowed")));
        var large = await Expect.RefusalAsync(ErrorCode.EntityTooLarge, () => Read(Form("k", "123456"), 4, maximum: 5));
        Assert.Equal("5", large.Detail("MaxSizeAllowed"));
    }

    [Fact]
    public void Fields_become_the_headers_of_a_put()
    {
        var fields = new FormFields();
        fields.Add("Acl", "private");
        fields.Add("content-TYPE", "text/plain");
        fields.Add("x-amz-meta-colour", "blue");
        fields.Add("x-amz-credential", "c");
        fields.Add("If-Match", "*");
        fields.Add("tagging", "<Tagging><TagSet><Tag><Key>a b</Key><Value>c=d</Value></Tag></TagSet></Tagging>");
        var headers = Http.Headers();
        fields.AddHeaders(headers);
        Assert.Equal(["content-TYPE=text/plain", "x-amz-acl=private", "x-amz-meta-colour=blue", "x-amz-tagging=a%20b=c%3Dd"],
            headers.Lines.Select(line => $"{line.Key}={line.Value}").Order(StringComparer.Ordinal));
        fields.Add("x-amz-meta-bad", "a\r\nb");
        Expect.Refusal(ErrorCode.InvalidArgument, () => fields.AddHeaders(Http.Headers()));
    }

    [Fact]
    public async Task Whatever_comes_ends_in_a_form_or_a_refusal()
    {
        var random = new Random(1);
        for (var round = 0; round < 2_000; round++)
        {
            var text = new StringBuilder(Valid);
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                var at = random.Next(text.Length - 5);
                if (random.Next(2) == 0) text[at] = "\r\n-b0;=\"\\:\0"[random.Next(11)];
                else text.Remove(at, random.Next(5));
            }
            try
            {
                await Read(text.ToString(), random.Next(1, 200));
            }
            catch (S3Exception)
            {
                // refused, as it should be
            }
        }
    }

    private static string Form(string key, string file) =>
        $"--b0\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n{key}\r\n--b0\r\n" +
        $"Content-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n{file}\r\n--b0--\r\n";

    private static async Task<(MultipartForm Form, string File)> Read(
        string text, int pieces, string? type = Type, long minimum = 0, long maximum = long.MaxValue)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var sending = Send(pipe.Writer, Encoding.UTF8.GetBytes(text), pieces);
        var form = await MultipartForm.ReadAsync(pipe.Reader, type, body => body.ReadAsync());
        var file = form.OpenFile(minimum, maximum);
        using var content = new MemoryStream();
        while (true)
        {
            var read = await file.ReadAsync();
            foreach (var segment in read.Buffer) content.Write(segment.Span);
            file.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }
        await sending;
        return (form, Encoding.UTF8.GetString(content.ToArray()));
    }

    private static async Task Send(PipeWriter writer, byte[] bytes, int pieces)
    {
        foreach (var piece in bytes.Chunk(pieces))
        {
            await writer.WriteAsync(piece);
            await Task.Yield();
        }
        await writer.CompleteAsync();
    }
}
