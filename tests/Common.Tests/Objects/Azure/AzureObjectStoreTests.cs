using System.Security.Cryptography;
using System.Text;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.Azure;
using Deucalion.Testing.Azure;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Common.Tests.Objects.Azure;

[Collection(AzuriteFixture.Collection)]
[Trait("Category", "slow")]
public sealed class AzureObjectStoreTests(AzuriteFixture fixture) : ObjectStoreContract
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

        using var paged = AzuriteFixture.Open(Options() with { PageSize = 10 });
        var listed = new List<string>();
        await foreach (var entry in paged.ListAsync("many/", Token))
        {
            listed.Add(entry.Key);
        }

        Assert.Equal(keys, listed);
    }

    [Fact]
    public async Task SeesOnlyItsPrefix_WhenOthersUseTheContainer()
    {
        using var all = AzuriteFixture.Open(fixture.Azurite.Options(AzuriteFixture.Container));
        await all.PutAsync("elsewhere/a", Bytes("x"), Token);
        await Store.PutAsync("a", Bytes("mine"), Token);
        Assert.Equal(["a"], await KeysAsync(""));
        Assert.Equal("mine", Text(await all.GetAsync(_prefix + "a", Token)));
    }

    [Fact]
    public async Task StoresALongFileInBlocks()
    {
        var content = new byte[12_345_678];
        new Random(7).NextBytes(content);
        var path = Path.Combine(Files, "long");
        await File.WriteAllBytesAsync(path, content, Token);
        using var store = AzuriteFixture.Open(Options() with { BlocksAbove = 6 << 20, BlockBytes = 5 << 20 });
        await store.PutFileAsync("long", path, Token);
        await store.PutFileAsync("long", path, Token);
        Assert.True((await Store.GetAsync("long", Token))!.Content.Span.SequenceEqual(content));
        Assert.Null(await Store.PutIfAsync("long", Bytes("x"), null, Token));
    }

    [Fact]
    public async Task WorksWithASharedAccessSignature()
    {
        using var store = AzuriteFixture.Open(Options() with { AccountKey = null, SasToken = Sas("rwdl") });
        var revision = await store.PutIfAsync("a b+c", Bytes("1"), null, Token);
        Assert.Equal(revision, (await store.GetAsync("a b+c", Token))!.Revision);
        Assert.Equal(["a b+c"], await KeysAsync(""));
        await store.DeleteAsync("a b+c", Token);
        Assert.Empty(await KeysAsync(""));
    }

    [Fact]
    public async Task SaysWhatToDo_WhenTheContainerIsMissing()
    {
        using var store = AzuriteFixture.Open(fixture.Azurite.Options("no-such-container", "p/"));
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(store).RunAsync(Token));
        Assert.Contains("the container does not exist; create it, or correct bucket.azure.container", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.GetAsync("a", Token));
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.GetRangeAsync("a", 0, new byte[1], Token));
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.PutIfAsync("a", Bytes("x"), "0123", Token));
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.DeleteAsync("a", Token));
    }

    [Fact]
    public async Task SaysWhatToDo_WhenTheCredentialsAreNotGoodEnough()
    {
        var wrong = Convert.ToBase64String(new byte[64]);
        using var stranger = AzuriteFixture.Open(Options() with { AccountKey = wrong });
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(stranger).RunAsync(Token));
        Assert.Contains("correct bucket.azure.account and bucket.azure.account_key", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong, failure.ToString(), StringComparison.Ordinal);

        using var reader = AzuriteFixture.Open(Options() with { AccountKey = null, SasToken = Sas("rl") });
        failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(reader).RunAsync(Token));
        Assert.Contains("access denied; allow the credentials to read, write, delete and list", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sig=", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SaysWhereItTried_WhenNobodyListens()
    {
        var options = Options() with { Endpoint = new Uri($"http://127.0.0.1:{Ports.Free()}/a"), Limits = new RequestLimits { TotalTimeout = TimeSpan.FromSeconds(1) } };
        using var store = AzuriteFixture.Open(options);
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreUnavailableException>(async () => await new ObjectStoreProbe(store).RunAsync(Token));
        Assert.Contains($"{options.Endpoint}/{AzuriteFixture.Container} cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    protected override ValueTask<IObjectStore> OpenAsync() => ValueTask.FromResult<IObjectStore>(AzuriteFixture.Open(Options()));

    private AzureOptions Options() => fixture.Azurite.Options(AzuriteFixture.Container, _prefix);

    /// <summary>A signature for the container, as the service's users make them.</summary>
    private static string Sas(string permissions)
    {
        const string version = "2020-12-06";
        var expiry = DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
        string[] parts = [permissions, "", expiry, $"/blob/{Azurite.Account}/{AzuriteFixture.Container}", "", "", "", version, "c", "", "", "", "", "", "", ""];
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Azurite.AccountKey), Encoding.UTF8.GetBytes(string.Join('\n', parts))));
        return $"sv={version}&se={Uri.EscapeDataString(expiry)}&sr=c&sp={permissions}&sig={Uri.EscapeDataString(signature)}";
    }
}
