using Amazon.S3.Model;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.S3;
using Deucalion.Testing.Processes;
using Deucalion.Testing.S3;
using Xunit;

namespace Deucalion.Common.Tests.Objects.S3;

[Collection(RadosGatewayFixture.Collection)]
[Trait("Category", "slow")]
public sealed class S3ObjectStoreTests(RadosGatewayFixture fixture) : ObjectStoreContract
{
    private readonly string _prefix = $"{Guid.NewGuid():N}/sub/";

    [Fact]
    public async Task ListsEveryPage_WhenThereAreMany()
    {
        var keys = Enumerable.Range(0, 25).Select(static i => $"many/{i:D3}").ToList();
        foreach (var key in keys)
        {
            await Store.PutAsync(key, Bytes("x"), Token);
        }

        using var paged = RadosGatewayFixture.Open(Small());
        var listed = new List<string>();
        await foreach (var entry in paged.ListAsync("many/", Token))
        {
            listed.Add(entry.Key);
        }

        Assert.Equal(keys, listed);
    }

    [Fact]
    public async Task SeesOnlyItsPrefix_WhenOthersUseTheBucket()
    {
        using var client = fixture.Gateway.Client();
        await client.PutObjectAsync(new PutObjectRequest { BucketName = RadosGatewayFixture.Bucket, Key = "elsewhere/a", ContentBody = "x" }, Token);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = RadosGatewayFixture.Bucket, Key = _prefix + "folder/", ContentBody = "" }, Token);
        await Store.PutAsync("a", Bytes("mine"), Token);
        Assert.Equal(["a"], await KeysAsync(""));
        using var stored = await client.GetObjectAsync(RadosGatewayFixture.Bucket, _prefix + "a", Token);
        Assert.Equal(4, stored.ContentLength);
    }

    [Fact]
    public async Task StoresALongFileInParts()
    {
        var content = new byte[12_345_678];
        new Random(7).NextBytes(content);
        var path = Path.Combine(Files, "long");
        await File.WriteAllBytesAsync(path, content, Token);
        using var store = RadosGatewayFixture.Open(Small());
        await store.PutFileAsync("long", path, Token);

        var stored = await Store.GetAsync("long", Token);
        Assert.EndsWith("-3", stored!.Revision, StringComparison.Ordinal);
        Assert.True(stored.Content.Span.SequenceEqual(content));
        Assert.Null(await Store.PutIfAsync("long", Bytes("x"), null, Token));
        Assert.NotNull(await Store.PutIfAsync("long", Bytes("x"), stored.Revision, Token));
    }

    [Fact]
    public async Task LeavesNoParts_WhenALongFileCannotBeStored()
    {
        var path = Path.Combine(Files, "long");
        await File.WriteAllBytesAsync(path, new byte[12_000_000], Token);
        await using var proxy = await FaultProxy.StartAsync(fixture.Gateway.Endpoint);
        proxy.Faults = static r => r.Target.Contains("partNumber=2", StringComparison.Ordinal) ? new Fault.Answer(403, "AccessDenied") : null;
        using var store = RadosGatewayFixture.Open(Small(proxy.Endpoint));

        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.PutFileAsync("long", path, Token));
        Assert.Contains("access denied", failure.Message, StringComparison.Ordinal);
        Assert.Null(await Store.GetAsync("long", Token));
        using var client = fixture.Gateway.Client();
        var uploads = await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = RadosGatewayFixture.Bucket, Prefix = _prefix }, Token);
        Assert.Empty(uploads.MultipartUploads ?? []);
    }

    [Fact]
    public async Task StoresTheFileOnceMore_WhenTheAnswerToTheLastRequestIsLost()
    {
        var path = Path.Combine(Files, "long");
        var content = new byte[9_000_000];
        new Random(8).NextBytes(content);
        await File.WriteAllBytesAsync(path, content, Token);
        await using var proxy = await FaultProxy.StartAsync(fixture.Gateway.Endpoint);
        var lost = 0;
        proxy.Faults = r => r.Method == "POST" && r.Target.Contains("uploadId=", StringComparison.Ordinal) && Interlocked.Increment(ref lost) == 1 ? new Fault.ResetAfter() : null;
        using var store = RadosGatewayFixture.Open(Small(proxy.Endpoint));
        await store.PutFileAsync("long", path, Token);

        Assert.True((await Store.GetAsync("long", Token))!.Content.Span.SequenceEqual(content));
        Assert.True(lost > 1);
    }

    [Fact]
    public async Task SaysWhatToDo_WhenTheBucketIsMissing()
    {
        using var store = RadosGatewayFixture.Open(fixture.Gateway.Options("no-such-bucket", "p/"));
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(store).RunAsync(Token));
        Assert.Contains("bucket no-such-bucket", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the bucket does not exist; create it, or correct bucket.s3.bucket", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.GetAsync("a", Token));
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.GetRangeAsync("a", 0, new byte[1], Token));
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.PutIfAsync("a", Bytes("x"), "0123", Token));
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.DeleteAsync("a", Token));
    }

    [Theory]
    [InlineData(RadosGateway.StrangerAccessKey, RadosGateway.StrangerSecretKey, "access denied; allow the credentials to")]
    [InlineData(RadosGateway.AccessKey, "wrong", "correct bucket.s3.secret_key")]
    [InlineData("unknown", "wrong", "correct bucket.s3.access_key")]
    public async Task SaysWhatToDo_WhenTheCredentialsAreNotGoodEnough(string accessKey, string secretKey, string advice)
    {
        var options = new S3Options
        {
            Endpoint = fixture.Gateway.Endpoint,
            Bucket = RadosGatewayFixture.Bucket,
            AccessKey = accessKey,
            SecretKey = secretKey,
            PathStyle = true,
        };
        using var store = RadosGatewayFixture.Open(options);
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(store).RunAsync(Token));
        Assert.Contains(advice, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secretKey, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UsesTheCredentialsOfTheEnvironment_WhenNoneAreGiven()
    {
        var options = new S3Options { Endpoint = fixture.Gateway.Endpoint, Bucket = RadosGatewayFixture.Bucket, Prefix = _prefix, PathStyle = true };
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", RadosGateway.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", RadosGateway.SecretKey);
        try
        {
            using var store = RadosGatewayFixture.Open(options);
            await store.PutAsync("a", Bytes("x"), Token);
            Assert.Equal("x", Text(await Store.GetAsync("a", Token)));
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", null);
            Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", null);
        }
    }

    [Fact]
    public async Task SaysWhereItTried_WhenNobodyListens()
    {
        var port = Ports.Free();
        var options = new S3Options
        {
            Endpoint = new Uri($"http://127.0.0.1:{port}"),
            Bucket = "b",
            AccessKey = "a",
            SecretKey = "s",
            PathStyle = true,
            TotalTimeout = TimeSpan.FromSeconds(1),
        };
        using var store = RadosGatewayFixture.Open(options);
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(store).RunAsync(Token));
        Assert.Contains($"http://127.0.0.1:{port} cannot be reached", failure.Message, StringComparison.Ordinal);
        Assert.Contains("check bucket.s3.endpoint", failure.Message, StringComparison.Ordinal);
    }

    protected override ValueTask<IObjectStore> OpenAsync() =>
        ValueTask.FromResult<IObjectStore>(RadosGatewayFixture.Open(fixture.Gateway.Options(RadosGatewayFixture.Bucket, _prefix)));

    private S3Options Small(Uri? endpoint = null) => fixture.Gateway.Options(RadosGatewayFixture.Bucket, _prefix, endpoint) with
    {
        PageSize = 10,
        PartBytes = 5 << 20,
        MultipartAbove = 6 << 20,
    };
}
