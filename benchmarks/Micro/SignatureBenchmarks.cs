using BenchmarkDotNet.Attributes;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Micro;

/// <summary>What the signature of one small request costs: a PUT as aws-cli sends it.</summary>
public class SignatureBenchmarks
{
    const string Target = "/bucket/photos/2026/11/some-picture.jpg?x-id=PutObject";
    const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    static readonly SignatureRules _rules = new();

    readonly string _day = "20261124";
    readonly RequestHeaders _headers = new();
    readonly byte[] _key = SigningKey.Derive(Secret, "20261124", "us-east-1", "s3");
    RequestTarget _target = null!;
    SignedRequest _request = null!;

    [GlobalSetup]
    public void Sign()
    {
        _headers.Add("Host", "s3.example.org:9000");
        _headers.Add("Content-Type", "image/jpeg");
        _headers.Add("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=");
        _headers.Add("x-amz-meta-camera", "a camera");
        new RequestSigner("AKIDEXAMPLE", Secret).Sign("PUT", Target, _headers, "UNSIGNED-PAYLOAD", _now);
        _target = RequestTarget.Parse(Target, "s3.example.org:9000", []);
        _request = Parse();
    }

    /// <summary>The whole way from raw target and header lines to a verified signature, with the derived key at hand.</summary>
    [Benchmark(Baseline = true)]
    public void ParseAndVerify()
    {
        _target = RequestTarget.Parse(Target, "s3.example.org:9000", []);
        Parse().Verify(_key);
    }

    /// <summary>The claim, its checks and the canonical request.</summary>
    [Benchmark]
    public SignedRequest Parse() => SignedRequest.Parse("PUT", _target, _headers, _rules, _now)!;

    /// <summary>One HMAC and the comparison.</summary>
    [Benchmark]
    public void Verify() => _request.Verify(_key);

    /// <summary>What a cached key saves.</summary>
    [Benchmark]
    public byte[] DeriveKey() => SigningKey.Derive(Secret, _day, "us-east-1", "s3");
}
