using System.Text;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Compactor.Compaction;
using Xunit;

namespace Deucalion.Compactor.Tests.Compaction;

public sealed class CompactionPlannerTests
{
    private static readonly CompactionOptions Options = new() { MaxSources = 8 };

    public static TheoryData<string, string, string> Cases => new()
    {
        // Blocks are name:firstHour-endHour (madeAt, where it matters); now is hour 100 (4:00 of the fifth day), the delay two hours.
        { "nothing", "", "" },
        { "one block of a window", "a:0-2", "" },
        { "a day that is over", "a:0-2 b:2-4 c:22-24", "0+24:a,b,c" },
        { "neighbours of different days", "a:22-24 b:24-26", "" },
        { "a day that is over by just the delay and a little", "a:72-74 b:82-84 c:84-86", "72+24:a,b,c" },
        { "two hours that are over", "a:96-98 b:96-97", "96+2:a,b" },
        { "within the delay", "a:98-99 b:98-100", "" },
        { "yesterday, beside a window that stands alone", "a:96-98 b:84-86 c:84-85", "72+24:b,c" },
        { "a late block for a day that was merged", "a:0-24 b:3-4", "0+24:a,b" },
        { "a late block that was made just now waits", "a:0-24 b:3-4@99", "" },
        { "and is merged when no other followed", "a:0-24 b:3-4@98", "0+24:a,b" },
        { "so many late blocks do not wait", "a:0-2@99 b:0-2@99 c:0-2@99 d:0-2@99 e:0-2@99 f:0-2@99 g:0-2@99 h:0-2@99", "0+24:a,b,c,d,e,f,g,h" },
        { "more than are merged at once", "a:0-2 b:0-2 c:0-2 d:0-2 e:0-2 f:0-2 g:0-2 h:0-2 i:2-4 j:2-4", "0+24:a,b,c,d,e,f,g,h 0+24:i,j" },
        { "a block longer than any window", "a:0-30 b:0-2", "" },
        { "a block that begins in one day and ends in the next", "a:20-26 b:20-22 c:22-24", "0+24:b,c" },
        { "before 1970", "a:-24--22 b:-2-0", "-24+24:a,b" },
        { "downsampled blocks", "a:0-24 b:0-24/300", "" },
        { "damaged blocks", "a:0-2 bad:2-4 c:4-6", "0+24:a,c" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void NamesWhatBecomesOne(string what, string blocks, string expected)
    {
        var parsed = blocks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToList();
        var manifest = new Manifest { Tenant = TenantId.Anonymous, Partition = new PartitionId(3), Blocks = [.. parsed.Select(static x => x.Block)] };
        var names = parsed.ToDictionary(static x => x.Block.Ulid, static x => x.Name);
        var groups = CompactionPlanner.Plan([manifest], Options, Hours(100), x => names[x] == "bad");
        Assert.True(expected == string.Join(' ', groups.Select(x => $"{x.Start / Hours(1)}+{x.Window.TotalHours}:{string.Join(',', x.Ulids.Select(y => names[y]))}")), what);
        Assert.All(groups, static x => Assert.Equal(3, x.Partition.Value));
    }

    [Fact]
    public void TakesTheLongestWindowThatIsOver()
    {
        var blocks = "a:96-98 b:98-100 c:108-110 d:108-109 e:110-112 f:110-111".Split(' ').Select(static x => Parse(x).Block).ToList();
        var manifest = new Manifest { Tenant = TenantId.Anonymous, Partition = new PartitionId(0), Blocks = blocks };
        var groups = CompactionPlanner.Plan([manifest], Options, Hours(112), static _ => false);
        Assert.Equal([(96, 12, 2), (108, 2, 2)], groups.Select(static x => ((int)(x.Start / Hours(1)), (int)x.Window.TotalHours, x.Blocks.Count)));
    }

    [Fact]
    public void PutsNothingTogether_OfSeveralPartitions()
    {
        var manifests = Enumerable.Range(0, 3).Select(x => new Manifest { Tenant = TenantId.Anonymous, Partition = new PartitionId(x), Blocks = [Parse("a:0-2").Block] });
        Assert.Empty(CompactionPlanner.Plan(manifests, Options, Hours(100), static _ => false));
    }

    private static long Hours(long hours) => hours * 3_600_000;

    // A block that is not said to be made at some hour is made in 1970.
    private static (string Name, ManifestBlock Block) Parse(string text)
    {
        var parts = text.Split(':', '@', '/');
        var dash = parts[1].IndexOf('-', 1);
        var random = new byte[10];
        Encoding.ASCII.GetBytes(parts[0], random);
        return (parts[0], new ManifestBlock
        {
            Ulid = Ulid.Create(text.Contains('@', StringComparison.Ordinal) ? Hours(int.Parse(parts[2], null)) : 0, random).ToString(),
            MinTime = Hours(int.Parse(parts[1][..dash], null)),
            MaxTime = Hours(int.Parse(parts[1][(dash + 1)..], null)),
            Generations = [],
            Level = 1,
            Resolution = text.Contains('/', StringComparison.Ordinal) ? 300_000 : 0,
            Bytes = 1,
            Series = 1,
            Samples = 1,
        });
    }
}
