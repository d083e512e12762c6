using Amazon.S3.Model;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Deucalion.Testing.S3;
using Xunit;

namespace Deucalion.Interop.Buckets;

/// <summary>One S3 service for all tests of the class.</summary>
public sealed class RadosGatewayFixture : IAsyncLifetime
{
    private RadosGateway? _gateway;

    public RadosGateway Gateway => _gateway ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => _gateway = await RadosGateway.StartAsync();

    public ValueTask DisposeAsync() => _gateway?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Nodes whose bucket is a real S3 service.</summary>
[Trait("Category", "slow")]
public sealed class S3NodeTests(RadosGatewayFixture fixture) : IClassFixture<RadosGatewayFixture>
{
    private const int Series = 20;

    private readonly string _bucket = $"b{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("local")]
    [InlineData("bucket")]
    public async Task AnswersWhatItShipped_AfterRestartsAndWithoutItsDisk(string coordination)
    {
        await fixture.Gateway.CreateBucketAsync(_bucket);
        using var directory = new TemporaryDirectory();
        var configuration = Configuration(fixture.Gateway.Endpoint, coordination);
        var writer = Writer();
        using (var node = await NodeProcess.StartAsync(directory.Child("data"), configuration))
        {
            await WriteAsync(writer, node, 40);
            await FlushAsync(node);
            await VerifyAsync(writer, node);
            await WriteAsync(writer, node, 20);
            await node.Process.KillAsync();
        }

        using (var node = await NodeProcess.StartAsync(directory.Child("data"), configuration))
        {
            // What was shipped from the bucket, what was not from the journal.
            await VerifyAsync(writer, node);
            await WriteAsync(writer, node, 20);
            await FlushAsync(node);
            Assert.Equal(0, await node.Process.TerminateAsync());
        }

        foreach (var path in Directory.GetDirectories(directory.Child("data")))
        {
            Directory.Delete(path, recursive: true);
        }

        Assert.True(File.Exists(Path.Combine(directory.Child("data"), "node-id")));
        using (var node = await NodeProcess.StartAsync(directory.Child("data"), configuration))
        {
            await VerifyAsync(writer, node);
            var series = await node.GetDataAsync("/api/v1/label/series/values");
            Assert.Equal(Series, series.GetArrayLength());
            if (coordination == "bucket")
            {
                // The table outlived the log that it names: nothing is written as if that had been empty.
                await IsRefusedAsync(writer, node);
            }
        }

        if (coordination == "bucket")
        {
            await DeleteAsync("some/where/coordination/");
        }

        using (var node = await NodeProcess.StartAsync(directory.Child("data"), configuration))
        {
            await WriteAsync(writer, node, 10);
            await FlushAsync(node);
            await VerifyAsync(writer, node);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task LosesNothing_WhenTheWayToTheBucketFailsAgainAndAgain(int seed)
    {
        await fixture.Gateway.CreateBucketAsync(_bucket);
        await using var proxy = await FaultProxy.StartAsync(fixture.Gateway.Endpoint);
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        var writer = Writer();
        for (var round = 0; round < 3; round++)
        {
            using var node = await NodeProcess.StartAsync(directory.Child("data"), Configuration(proxy.Endpoint, "local"));
            proxy.Faults = _ => Draw(random);
            await WriteAsync(writer, node, 15);
            await FlushAsync(node);
            await WriteAsync(writer, node, 15);
            await FlushAsync(node);
            proxy.Faults = static _ => null;
            await VerifyAsync(writer, node);
            await node.Process.KillAsync();
        }
    }

    [Fact]
    public async Task StartsAndTakesSamples_WhenABucketThatWasTriedOutIsAway()
    {
        await fixture.Gateway.CreateBucketAsync(_bucket);
        await using var proxy = await FaultProxy.StartAsync(fixture.Gateway.Endpoint);
        using var directory = new TemporaryDirectory();
        var configuration = Configuration(proxy.Endpoint, "local");
        var writer = Writer();
        using (var node = await NodeProcess.StartAsync(directory.Child("data"), configuration))
        {
            await WriteAsync(writer, node, 5);
            Assert.Equal(0, await node.Process.TerminateAsync());
        }

        proxy.Faults = static _ => new Fault.ResetBefore();
        using var again = await NodeProcess.StartAsync(directory.Child("data"), configuration);
        Assert.Contains("The bucket cannot be reached; the node starts without it", again.Process.Output, StringComparison.Ordinal);
        await WriteAsync(writer, again, 5);
        proxy.Faults = static _ => null;
        await FlushAsync(again);
        await VerifyAsync(writer, again);
    }

    [Fact]
    public async Task SaysWhatToDo_AndEnds_WhenTheBucketCannotBeUsed()
    {
        await fixture.Gateway.CreateBucketAsync(_bucket);
        await using var proxy = await FaultProxy.StartAsync(fixture.Gateway.Endpoint);
        proxy.Faults = static request => request.IsConditional ? new Fault.Raw(200, "", ("ETag", "\"0123456789abcdef0123456789abcdef\"")) : null;
        await EndsAsync(Configuration(proxy.Endpoint, "bucket"), "although the write was bound to its absence (If-None-Match is ignored); choose a store that honours");

        var missing = Configuration(fixture.Gateway.Endpoint, "local").Replace(_bucket, "no-such-bucket", StringComparison.Ordinal);
        await EndsAsync(missing, "bucket no-such-bucket, key some/where/deucalion-probe/");
        var wrong = Configuration(fixture.Gateway.Endpoint, "local").Replace(RadosGateway.SecretKey, "not-it", StringComparison.Ordinal);
        Assert.DoesNotContain("not-it", await EndsAsync(wrong, "correct bucket.s3.secret_key"), StringComparison.Ordinal);
        await EndsAsync(Configuration(new Uri($"http://127.0.0.1:{Ports.Free()}"), "local"), "cannot be reached: Connection refused");
    }

    [Fact]
    public async Task ShowsNoSecret_AndCountsWhatItAsks()
    {
        await fixture.Gateway.CreateBucketAsync(_bucket);
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("data"), Configuration(fixture.Gateway.Endpoint, "bucket"));
        await WriteAsync(Writer(), node, 3);
        await FlushAsync(node);
        foreach (var path in (string[])["/api/v1/status/config", "/api/v1/status/flags"])
        {
            Assert.DoesNotContain(RadosGateway.SecretKey, await node.Http.GetStringAsync(new Uri(path, UriKind.Relative), Token), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(RadosGateway.SecretKey, node.Process.Output, StringComparison.Ordinal);
        var metrics = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token);
        Assert.Contains("deucalion_object_store_operations_total{purpose=\"blocks\",operation=\"put_file\",outcome=\"ok\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("deucalion_object_store_bytes_total{operation=\"put_file\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("deucalion_object_store_duration_seconds_bucket{operation=\"put_if\"", metrics, StringComparison.Ordinal);
    }

    private static AcknowledgedWriter Writer() => new("shipped", 0, Series, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 7200) * 1000);

    private static async Task WriteAsync(AcknowledgedWriter writer, NodeProcess node, int steps)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var goal = writer.Acknowledged + steps;
        var running = writer.RunAsync(() => node.Url, stop.Token);
        await Eventually.TrueAsync(
            () => Task.FromResult(writer.Acknowledged >= goal || writer.Refusal is not null), TimeSpan.FromSeconds(120), () => $"{steps} steps are acknowledged; the node's output:\n{node.Process.Output}");
        await stop.CancelAsync();
        await running;
        Assert.Null(writer.Refusal);
    }

    private static async Task IsRefusedAsync(AcknowledgedWriter writer, NodeProcess node)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var (acknowledged, failures) = (writer.Acknowledged, writer.Failures);
        var running = writer.RunAsync(() => node.Url, stop.Token);
        await Eventually.TrueAsync(() => Task.FromResult(writer.Failures > failures + 3), TimeSpan.FromSeconds(60), () => $"writes are refused; the node's output:\n{node.Process.Output}");
        await stop.CancelAsync();
        await running;
        Assert.Equal((acknowledged, 503), (writer.Acknowledged, writer.LastStatus));
    }

    private static async Task FlushAsync(NodeProcess node) => await Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await node.FlushAsync();
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        },
        TimeSpan.FromSeconds(180),
        () => $"everything is shipped; the node's output:\n{node.Process.Output}");

    private static async Task VerifyAsync(AcknowledgedWriter writer, NodeProcess node)
    {
        var difference = await writer.VerifyAsync(node);
        Assert.True(difference is null, $"{difference}; the node's output:\n{node.Process.Output}");
    }

    private static async Task<string> EndsAsync(string configuration, string message)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Child("deucalion.yml");
        await File.WriteAllTextAsync(file, configuration, Token);
        using var process = new ChildProcess(NodeProcess.Program, ["--config.file", file, "--data.path", directory.Child("data"), "--http.listen", $"127.0.0.1:{Ports.Free()}"]);
        Assert.Equal(1, await process.WaitAsync(TimeSpan.FromSeconds(90)));
        await Eventually.TrueAsync(() => Task.FromResult(process.Output.Contains(message, StringComparison.Ordinal)), TimeSpan.FromSeconds(5), () => $"\"{message}\" is said; the output:\n{process.Output}");
        return process.Output;
    }

    private static Fault? Draw(Random random)
    {
        lock (random)
        {
            return random.Next(12) switch
            {
                0 => new Fault.Answer(500, "InternalError"),
                1 => new Fault.Answer(503, "SlowDown"),
                2 => new Fault.ResetBefore(),
                3 => new Fault.ResetAfter(),
                4 => new Fault.Truncate(),
                _ => null,
            };
        }
    }

    private async Task DeleteAsync(string prefix)
    {
        using var client = fixture.Gateway.Client();
        var listed = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = prefix }, Token);
        Assert.NotEmpty(listed.S3Objects);
        foreach (var item in listed.S3Objects)
        {
            await client.DeleteObjectAsync(_bucket, item.Key, Token);
        }
    }

    private string Configuration(Uri endpoint, string coordination) => $$"""
        bucket:
          kind: s3
          s3:
            endpoint: {{endpoint.GetLeftPart(UriPartial.Authority)}}
            bucket: {{_bucket}}
            prefix: some/where
            access_key: {{RadosGateway.AccessKey}}
            secret_key: {{RadosGateway.SecretKey}}
        coordination:
          kind: {{coordination}}
        telemetry:
          self_scrape: false

        """;
}
