using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Common.Tests.Objects;

/// <summary>The contract through the measuring decorator, and what it measures.</summary>
public sealed class MeasuredObjectStoreTests : ObjectStoreContract
{
    private readonly TestMeterFactory _meters = new();

    [Fact]
    public async Task CountsOperationsAndBytes()
    {
        await Store.PutAsync("a", Bytes("12345"), Token);
        var file = Path.Combine(Files, "file");
        await File.WriteAllTextAsync(file, "1234567", Token);
        await Store.PutFileAsync("f", file, Token);
        Assert.NotNull(await Store.PutIfAsync("b", Bytes("123"), null, Token));
        Assert.Null(await Store.PutIfAsync("b", Bytes("123"), null, Token));
        await Store.GetAsync("a", Token);
        await Store.GetAsync("missing", Token);
        await Store.GetRangeAsync("a", 3, new byte[10], Token);
        await Assert.ThrowsAsync<ObjectNotFoundException>(async () => await Store.GetRangeAsync("missing", 3, new byte[10], Token));
        await ListAsync("");
        await Store.DeleteAsync("a", Token);
        Assert.Equal(10, _meters.Sum("deucalion_object_store_operations_total"));
        Assert.Equal(5 + 7 + 3 + 5 + 2, _meters.Sum("deucalion_object_store_bytes_total"));

        await Assert.ThrowsAsync<ObjectStoreException>(async () => await Store.PutFileAsync("f", file + "-missing", Token));
        Assert.Equal(11, _meters.Sum("deucalion_object_store_operations_total"));
    }

    [Fact]
    public async Task CountsWhatItIsAskedFor()
    {
        var measured = (MeasuredObjectStore)Store;
        await measured.PutAsync("a", Bytes("12345"), Token);
        await foreach (var entry in measured.For("coordination").ListAsync(string.Empty, Token))
        {
            Assert.Equal("a", entry.Key);
        }

        Assert.Equal(1, _meters.Sum("deucalion_object_store_operations_total", "operation=list,outcome=ok,purpose=coordination"));
        Assert.Equal(1, _meters.Sum("deucalion_object_store_operations_total", "operation=put,outcome=ok,purpose=blocks"));
        Assert.Equal(2, _meters.Sum("deucalion_object_store_operations_total"));
    }

    protected override ValueTask<IObjectStore> OpenAsync() =>
        ValueTask.FromResult<IObjectStore>(new MeasuredObjectStore(
            new LocalObjectStore(new LinuxDisk(), Path.Combine(Files, "bucket")), new LinuxDisk(), new ObjectStoreMetrics(_meters), TimeProvider.System));
}
