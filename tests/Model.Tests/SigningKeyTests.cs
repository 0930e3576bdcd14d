using OrleansDfs.Model;

namespace OrleansDfs.Model.Tests;

public class SigningKeyTests
{
    /// <summary>AWS General Reference, "Examples of how to derive a signing key for Signature Version 4".</summary>
    [Fact]
    public void Gives_the_published_key() =>
        Assert.Equal(
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
            Convert.ToHexStringLower(SigningKey.Derive("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam")));
}
