using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Read;
using Deucalion.Ingester.Remote;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class HeadFramesFuzz
{
    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheFramesOfChunks() => Fuzz(1, ChunksContent.Instance, static random => RandomAnswers.Chunks(random, 300));

    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheFramesOfSeries() => Fuzz(2, SeriesContent.Instance, RandomAnswers.Series);

    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheFramesOfNames() => Fuzz(3, NamesContent.Instance, RandomAnswers.Names);

    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheFramesOfMetadata() => Fuzz(4, MetadataContent.Instance, RandomAnswers.Metadata);

    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheFramesOfExemplars() => Fuzz(5, ExemplarsContent.Instance, RandomAnswers.Exemplars);

    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheFramesOfFigures() => Fuzz(6, FiguresContent.Instance, RandomAnswers.Figures);

    [Fact]
    public void FailsOnlyByItsOwnException_WhateverTheQuestion()
    {
        var random = new Random(8);
        int read = 0, refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Damage.To(random, Question(random));
            try
            {
                HeadReadCalls.Parse(bytes);
                read++;
            }
            catch (RemoteFormatException)
            {
                refused++;
            }
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void ReadsBackQuestions()
    {
        var random = new Random(9);
        for (var round = 0; round < 500; round++)
        {
            var matchers = Matchers(random);
            IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Matchers(random))];
            var asked = new NodeRead(TenantId.Anonymous, matchers, -random.NextInt64(), random.Next(2) == 0 ? long.MaxValue : random.NextInt64())
            {
                Only = random.Next(2) == 0 ? null : Enumerable.Range(0, random.Next(5)).Select(static x => new PartitionId(x)).ToHashSet(),
            };
            var (read, label, readSelectors) = HeadReadCalls.Parse(HeadReadCalls.Write(asked, "label" + round, selectors));
            Assert.Equal((asked.Tenant, asked.MinTime, asked.MaxTime, "label" + round), (read.Tenant, read.MinTime, read.MaxTime, label));
            Assert.Equal(asked.Only?.Order(), read.Only?.Order());
            Assert.Equal(asked.Matchers.Select(static x => x.ToString()), read.Matchers.Select(static x => x.ToString()));
            Assert.Equal(selectors.Select(static x => string.Join(',', x)), readSelectors.Select(static x => string.Join(',', x)));
        }
    }

    private static byte[] Question(Random random) =>
        HeadReadCalls.Write(new NodeRead(TenantId.Anonymous, Matchers(random), random.Next(), random.Next()) { Only = new HashSet<PartitionId> { new(3) } }, "label", [Matchers(random)]);

    private static LabelMatcher[] Matchers(Random random) =>
        [.. Enumerable.Range(0, random.Next(4)).Select(i => new LabelMatcher((Common.Labels.MatchType)random.Next(4), "name" + i, "(a|b)+" + i))];

    private static void Fuzz<T>(int seed, IHeadContent<T> content, Func<Random, T> value)
    {
        var random = new Random(seed);
        int read = 0, refused = 0;
        for (var round = 0; round < 150; round++)
        {
            using var answer = RandomAnswers.Of(random, value);
            var frames = HeadFramesProperties.Frames(content, answer);
            for (var again = 0; again < 10; again++)
            {
                var damaged = new List<byte[]>(frames);
                var which = random.Next(damaged.Count);
                damaged[which] = Damage.To(random, (byte[])damaged[which].Clone());
                try
                {
                    using var taken = HeadFramesProperties.ReadAll(content, damaged);
                    _ = RandomAnswers.Describe(taken);
                    read++;
                }
                catch (RemoteFormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }
}
