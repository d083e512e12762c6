using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Blocks;

/// <summary><c>tsdb verify</c> finds each kind of damage done to a whole block.</summary>
public sealed class VerifyTests
{
    [Fact]
    [Trait("Category", "slow")]
    public async Task NamesTheDamage_WhenABlockIsDamagedInOneWay()
    {
        using var directory = new TemporaryDirectory();
        var series = SampleKinds.Create(1_700_006_400_000, 15_000, 400, 3);
        (string Kind, string File, Func<byte[], byte[]> Damage)[] damages =
        [
            ("Unreadable", "index", static b => Flip(b, 12)),
            ("Unreadable", "index", static b => Flip(b, b.Length - 10)),
            ("Unreadable", "index", static b => Flip(b, Toc(b, 5) + 20)),
            ("Unreadable", "index", static b => Flip(b, (Toc(b, 1) + 15) / 16 * 16 + 4)),
            ("Unreadable", "index", static b => b[..(b.Length / 2)]),
            ("Unreadable", "index", static _ => []),
            ("Unreadable", "chunks/000001", static b => Flip(b, 1)),
            ("Unreadable", "meta.json", static b => b[..20]),
            ("Order", "index", SwapSymbols),
            ("ChunkOrder", "index", OverlapChunks),
            ("Chunk", "chunks/000001", static b => Flip(b, b.Length / 2)),
            ("Chunk", "chunks/000001", static b => b[..(b.Length - 100)]),
            ("Postings", "index", ChangePostings),
            ("Meta", "meta.json", static b => Replace(b, "\"numSeries\": ", "\"numSeries\": 1")),
        ];
        var whole = LocalBlocks.Write(directory.Child("whole"), series)[0];
        Assert.Equal(0, (await CommandRun.RunAsync(NodeProcess.Program, "tsdb", "verify", whole)).ExitCode);
        for (var i = 0; i < damages.Length; i++)
        {
            var (kind, file, damage) = damages[i];
            var copy = directory.Child($"{i}/{Path.GetFileName(whole)}");
            Copies.Tree(whole, copy);
            var path = Path.Combine(copy, file);
            await File.WriteAllBytesAsync(path, damage(await File.ReadAllBytesAsync(path)));
            var run = await CommandRun.RunAsync(NodeProcess.Program, "tsdb", "verify", copy);
            Assert.True(run.ExitCode == 1, $"damage {i} ({kind}) of {file} was not found: {run.Output}{run.Errors}");
            Assert.True(
                run.Output.Contains($": {kind}: ", StringComparison.Ordinal),
                $"damage {i} of {file} is not {kind}: {run.Output}{run.Errors}");
        }
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 0x10;
        return bytes;
    }

    private static int Toc(byte[] index, int section) => (int)BinaryPrimitives.ReadInt64BigEndian(index.AsSpan(index.Length - 52 + (8 * section)));

    private static byte[] Replace(byte[] bytes, string from, string to) =>
        System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(bytes).Replace(from, to, StringComparison.Ordinal));

    // The first byte of the second symbol becomes the greatest there is; the checksum is made to fit.
    private static byte[] SwapSymbols(byte[] index)
    {
        var table = Toc(index, 0);
        var length = (int)BinaryPrimitives.ReadUInt32BigEndian(index.AsSpan(table));
        index[table + 10] = (byte)'~';
        Sum(index, table + 4, length);
        return index;
    }

    // The second chunk of a series is made to begin when the first ends.
    private static byte[] OverlapChunks(byte[] index)
    {
        var at = (Toc(index, 1) + 15) / 16 * 16;
        while (true)
        {
            var body = at;
            var length = (int)Uvarint(index, ref body);
            var place = body;
            for (var labels = 2 * Uvarint(index, ref place); labels > 0; labels--)
            {
                Uvarint(index, ref place);
            }

            if (Uvarint(index, ref place) > 1)
            {
                Uvarint(index, ref place);
                Uvarint(index, ref place);
                Uvarint(index, ref place);
                var gap = place;
                Uvarint(index, ref place);
                index.AsSpan(gap..(place - 1)).Fill(0x80);
                index[place - 1] = 0;
                Sum(index, body, length);
                return index;
            }

            at = (body + length + 4 + 15) / 16 * 16;
        }
    }

    // The last number of the list of all series is put in the place of another list's.
    private static byte[] ChangePostings(byte[] index)
    {
        var all = (Toc(index, 4) + 3) / 4 * 4;
        var length = (int)BinaryPrimitives.ReadUInt32BigEndian(index.AsSpan(all));
        var next = all + 8 + length;
        var count = (int)BinaryPrimitives.ReadUInt32BigEndian(index.AsSpan(next + 4));
        var last = index.AsSpan(next + 4 + (4 * count), 4);
        BinaryPrimitives.WriteUInt32BigEndian(last, BinaryPrimitives.ReadUInt32BigEndian(last) + 1);
        Sum(index, next + 4, 4 + (4 * count));
        return index;
    }

    private static void Sum(byte[] bytes, int start, int length) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(start + length), Crc32C.Compute(bytes.AsSpan(start, length)));

    private static ulong Uvarint(byte[] bytes, ref int at)
    {
        var result = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            result |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }
    }
}
