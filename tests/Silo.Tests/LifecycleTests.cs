using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Lifecycle;

namespace OrleansDfs.Silo.Tests;

/// <summary>Lifecycle rules carried out on a real catalog, by a clock that the test holds.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansdfs-lifecycle").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly SiloOptions _options = new();
    private CatalogDatabase _catalog = null!;
    private BucketInfo _bucket = null!;

    public async Task InitializeAsync()
    {
        _catalog = await CatalogDatabase.OpenAsync(
            new CatalogOptions { Invariant = CatalogInvariants.Sqlite, ConnectionString = $"Data Source={_folder}/catalog.db" }, _time);
        _bucket = await Create("bucket");
    }

    public async Task DisposeAsync()
    {
        await _catalog.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Files_go_at_the_midnight_after_their_days()
    {
        await Rules(Rule("logs", "logs/") with { ExpirationDays = 2 });
        await Put("logs/a", "other");
        await Run();
        Assert.Equal(["logs/a", "other"], await Visible());
        _time.Advance(TimeSpan.FromHours(59.9)); // two days and the rest of the third, but for a moment
        await Run();
        Assert.Equal(["logs/a", "other"], await Visible());
        _time.Advance(TimeSpan.FromHours(0.1));
        await Run();
        Assert.Equal(["other"], await Visible());
    }

    [Fact]
    public async Task A_versioned_bucket_goes_through_marker_and_noncurrent_versions_to_nothing()
    {
        await Change(Versioning.Enabled);
        await Rules(
            Rule("expire") with { ExpirationDays = 1 },
            Rule("clean") with { NoncurrentDays = 1 },
            Rule("markers") with { ExpiredObjectDeleteMarker = true });
        await Put("k", "k");
        await Days(2);
        var after = await Versions();
        Assert.Equal([(true, true), (false, false)], after.Select(v => (v.IsCurrent, v.IsDeleteMarker))); // the older one was noncurrent long enough
        await Days(2);
        Assert.Equal([(true, true)], (await Versions()).Select(v => (v.IsCurrent, v.IsDeleteMarker)));
        await Days(1);
        Assert.Empty(await Versions());
    }

    [Fact]
    public async Task So_many_newer_noncurrent_versions_are_kept()
    {
        await Change(Versioning.Enabled);
        await Rules(Rule("r") with { NoncurrentDays = 1, NewerNoncurrentVersions = 2 });
        await Put("k", "k", "k", "k", "k", "l");
        await Days(3);
        Assert.Equal(["k", "k", "k", "l"], (await Versions()).Select(v => v.Key.Value));
    }

    [Fact]
    public async Task Versions_under_a_legal_hold_or_retention_stay_and_the_others_go()
    {
        await Change(Versioning.Enabled);
        await Rules(Rule("r") with { NoncurrentDays = 1 });
        await Commit("held", FileProperties.Empty with { LegalHold = true });
        await Commit("kept", FileProperties.Empty with { Retention = new Retention(RetentionMode.Compliance, _time.GetUtcNow().AddDays(30)) });
        await Commit("free", FileProperties.Empty);
        await Put("held", "kept", "free");
        await Days(3);
        Assert.Equal(["free", "held", "held", "kept", "kept"], (await Versions()).Select(v => v.Key.Value));
        await Days(31);
        Assert.Equal(["free", "held", "held", "kept"], (await Versions()).Select(v => v.Key.Value));
    }

    [Fact]
    public async Task A_changed_rule_is_carried_out_the_same_day_and_an_unchanged_one_is_not_walked_again()
    {
        await Rules(Rule("r", "a") with { ExpirationDays = 1 });
        await Put("a", "b");
        await Days(2);
        Assert.Equal(["b"], await Visible());
        var pass = (await Passes()).Pass;
        Assert.Null(pass!.Cursor);
        await Run();
        Assert.Equal(pass, (await Passes()).Pass);
        await Rules(Rule("r", "b") with { ExpirationDays = 1 });
        await Run();
        Assert.Empty(await Visible());
    }

    [Fact]
    public async Task Tags_and_sizes_choose()
    {
        var tags = new Dictionary<string, string> { ["t"] = "1" };
        await Rules(new LifecycleRule("r", true, new LifecycleFilter(LifecycleFilterForm.And, "", tags, null, 5)) { ExpirationDays = 1 });
        await Put("plain", "tagged");
        await _catalog.Files.ChangeAsync(new AttributesRequest(_bucket.Ref, ObjectKey.Parse("tagged"), default) { Tags = tags });
        await Days(2);
        Assert.Equal(["plain"], await Visible());
    }

    [Fact]
    public async Task Uploads_that_nobody_completes_are_aborted()
    {
        await Rules(Rule("r", "u/") with { AbortUploadDays = 1 });
        foreach (var key in new[] { "u/1", "u/1", "v" }) await Upload(key);
        await Days(2);
        var (_, page) = await _catalog.Listings.UploadsAsync(new ListUploadsRequest(_bucket.Ref, "", "", "", null, 10));
        Assert.Equal(["v"], page!.Uploads.Select(u => u.Key.Value));
    }

    [Fact]
    public async Task A_pass_of_many_pages_goes_on_where_it_stopped()
    {
        await Rules(Rule("r") with { ExpirationDays = 1 });
        await Task.WhenAll(Enumerable.Range(0, 2500).Select(i => Put($"k{i:d4}")));
        _time.Advance(TimeSpan.FromDays(3));
        // The first page, and then the silo dies.
        var configuration = LifecycleConfiguration.FromJson(_bucket.Settings[LifecycleConfiguration.Setting]);
        var rules = new LifecycleEvaluation(configuration, LifecycleCalendar.Utc);
        var (status, next) = await new LifecyclePages(_catalog, _time).RunAsync(_bucket, rules, LifecycleCursor.Start, default);
        Assert.Equal((CatalogStatus.Ok, "k0999", 1000L), (status, next!.Key, next.Totals.Expired));
        Assert.Equal(next, LifecycleCursor.Parse(next.ToText()));
        Assert.Equal("k1000", (await Visible())[0]);
        await Run();
        Assert.Empty(await Visible());
    }

    [Fact]
    public async Task Days_of_seconds_are_for_tests()
    {
        _options.LifecycleDay = TimeSpan.FromSeconds(10);
        await Rules(Rule("r") with { ExpirationDays = 1 });
        await Put("k");
        _time.Advance(TimeSpan.FromSeconds(9));
        await Run();
        Assert.Equal(["k"], await Visible());
        _time.Advance(TimeSpan.FromSeconds(11));
        await Run();
        Assert.Empty(await Visible());
    }

    [Fact]
    public async Task Rules_that_cannot_be_read_stop_no_other_bucket()
    {
        var broken = await Create("broken", "no json");
        var second = await Create("second");
        Assert.True(broken.Id < second.Id);
        _bucket = second;
        await Rules(Rule("r") with { ExpirationDays = 1 });
        await Put("k");
        await Days(2);
        Assert.Empty(await Visible());
    }

    private async Task<BucketInfo> Create(string name, string? rules = null)
    {
        var settings = new Dictionary<string, string>();
        if (rules is not null) settings[LifecycleConfiguration.Setting] = rules;
        return (await _catalog.Buckets.CreateAsync(BucketName.Parse(name), "root", "us-east-1", false, settings)).Bucket!;
    }

    private async Task Days(int count)
    {
        _time.Advance(TimeSpan.FromDays(count));
        await Run();
    }

    private Task Run() => new LifecycleRound(_catalog, _options, _time, NullLogger<LifecycleRound>.Instance).RunAsync(CancellationToken.None);

    private async Task Put(params string[] keys)
    {
        foreach (var key in keys) await Commit(key, FileProperties.Empty);
    }

    private async Task Commit(string key, FileProperties properties)
    {
        var outcome = await _catalog.Files.CommitAsync(new CommitRequest(
            _bucket.Ref, ObjectKey.Parse(key), AttemptId.New(), new WrittenBlob(BlobId.New(), 0, []), "etag", properties,
            new Dictionary<string, string>(), WritePrecondition.None));
        Assert.Equal(CatalogStatus.Ok, outcome.Status);
    }

    private Task<CatalogStatus> Upload(string key) => _catalog.Uploads.CreateAsync(_bucket.Ref, new UploadInfo(
        UploadId.New(), _bucket.Id, ObjectKey.Parse(key), "anna", default, FileProperties.Empty, new Dictionary<string, string>(), null, null));

    private Task Rules(params LifecycleRule[] rules) => Change(null, new LifecycleConfiguration(rules, "").ToJson());

    private async Task Change(Versioning? versioning, string? rules = null)
    {
        var settings = new Dictionary<string, string?>();
        if (rules is not null) settings[LifecycleConfiguration.Setting] = rules;
        var outcome = await _catalog.Buckets.ChangeAsync(_bucket.Ref, versioning, settings);
        Assert.Equal(CatalogStatus.Ok, outcome.Status);
        _bucket = outcome.Bucket!;
    }

    private async Task<LifecycleBucket> Passes() => Assert.Single(await _catalog.Lifecycles.BucketsAsync(0, 10));

    private async Task<List<string>> Visible()
    {
        var (status, page) = await _catalog.Listings.FilesAsync(new ListFilesRequest(_bucket.Ref, "", "", "", 1000));
        Assert.Equal(CatalogStatus.Ok, status);
        return [.. page!.Files.Select(f => f.Key.Value)];
    }

    private Task<IReadOnlyList<LifecycleRow>> Versions() => _catalog.Lifecycles.VersionsAsync(_bucket.Id, "", "", null, 1000, false);

    private static LifecycleRule Rule(string id, string? prefix = null) =>
        new(id, true, new LifecycleFilter(LifecycleFilterForm.Filter, prefix, null, null, null));
}
