using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

public class OptionsTests
{
    const string Default = "/somewhere/.data";

    [Fact]
    public void Without_arguments_the_defaults_hold()
    {
        var options = Options.Parse([], Default);
        Assert.Equal((Path.GetFullPath(Default), 9000, 3, false, false), (options.Data, options.Port, options.Silos, options.Fresh, options.Help));
        Assert.Empty(options.Others);
    }

    [Theory]
    [InlineData("--data", "/d", "--port", "9100", "--silos", "5", "--fresh")]
    [InlineData("--data=/d", "--port=9100", "--fresh", "--silos=5")]
    public void Values_follow_as_an_argument_or_after_an_equals_sign(params string[] args)
    {
        var options = Options.Parse(args, Default);
        Assert.Equal((Path.GetFullPath("/d"), 9100, 5, true), (options.Data, options.Port, options.Silos, options.Fresh));
    }

    [Fact]
    public void Https_is_wanted_by_its_port()
    {
        Assert.Null(Options.Parse([], Default).HttpsPort);
        Assert.Equal(9443, Options.Parse(["--https-port", "9443"], Default).HttpsPort);
        Assert.Throws<SetupException>(() => Options.Parse(["--https-port", "9000"], Default));
    }

    [Fact]
    public void What_is_not_ours_is_handed_on_in_order() =>
        Assert.Equal(
            ["--publisher", "manifest", "--output-path", "x.json"],
            Options.Parse(["--publisher", "manifest", "--silos", "1", "--output-path", "x.json"], Default).Others);

    [Theory]
    [InlineData("--port", "0")]
    [InlineData("--port", "65536")]
    [InlineData("--port", "+80")]
    [InlineData("--port", "http")]
    [InlineData("--https-port", "0")]
    [InlineData("--silos", "17")]
    [InlineData("--silos", "-1")]
    [InlineData("--silos")]
    [InlineData("--data", "--fresh")]
    [InlineData("--data=")]
    public void A_bad_value_is_one_sentence_that_names_the_option(params string[] args)
    {
        var error = Assert.Throws<SetupException>(() => Options.Parse(args, Default));
        Assert.StartsWith(args[0].Split('=')[0], error.Message, StringComparison.Ordinal);
    }
}
