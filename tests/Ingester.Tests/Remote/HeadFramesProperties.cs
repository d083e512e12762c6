using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Ingester.Read;
using Deucalion.Ingester.Remote;
using Google.Protobuf;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class HeadFramesProperties
{
    [Fact]
    public void ReadsBackChunks() => ReadsBack(ChunksContent.Instance, static random => RandomAnswers.Chunks(random, 1_500_000));

    [Fact]
    public void ReadsBackSeries() => ReadsBack(SeriesContent.Instance, RandomAnswers.Series);

    [Fact]
    public void ReadsBackNames() => ReadsBack(NamesContent.Instance, RandomAnswers.Names);

    [Fact]
    public void ReadsBackMetadata() => ReadsBack(MetadataContent.Instance, RandomAnswers.Metadata);

    [Fact]
    public void ReadsBackExemplars() => ReadsBack(ExemplarsContent.Instance, RandomAnswers.Exemplars);

    [Fact]
    public void ReadsBackFigures() => ReadsBack(FiguresContent.Instance, RandomAnswers.Figures);

    [Fact]
    public void KeepsFramesSmall_WhateverTheSizeOfAnAnswer()
    {
        using var batch = new ChunkSeriesBatch();
        batch.BeginSeries(Labels.Of(("a", "b")));
        for (var i = 0; i < 2000; i++)
        {
            batch.AddChunk(1, i, i, 5000).Fill((byte)i);
        }

        Check(ChunksContent.Instance, batch, 10);
        Check(SeriesContent.Instance, [.. Enumerable.Range(0, 100_000).Select(static i => Labels.Of(("__name__", "requests"), ("path", "/some/path/" + i)))], 2);
        Check(NamesContent.Instance, [.. Enumerable.Range(0, 100_000).Select(static i => "a value of a label of some length " + i)], 4);
        Check(FiguresContent.Instance, new HeadFigures(FiguresContent.Instance.Begin().Status, new() { ["a"] = [.. Enumerable.Range(0, 100_000).Select(static i => "a value of a label of some length " + i)] }), 4);

        static void Check<T>(IHeadContent<T> content, T value, int atLeast)
        {
            var answer = new NodeAnswer<T>([new PartitionAnswer<T>(new PartitionId(1), value, [])], [new PartitionId(1)], []);
            var expected = RandomAnswers.Describe(answer);
            var frames = Frames(content, answer);
            Assert.InRange(frames.Count, atLeast + 1, 50);
            Assert.All(frames, static x => Assert.InRange(x.Length, 0, (1 << 20) + 10_000));
            using var read = ReadAll(content, frames);
            Assert.True(expected == RandomAnswers.Describe(read), "another answer is read than was written");
        }
    }

    [Fact]
    public void SkipsWhatANewerVersionAdds()
    {
        using var answer = RandomAnswers.Of(new Random(3), static random => RandomAnswers.Chunks(random, 300));
        var expected = RandomAnswers.Describe(answer);
        var frames = Frames(ChunksContent.Instance, answer).ConvertAll(static x => (byte[])[0x98, 0x06, 1, .. x, 0xA2, 0x06, 2, 7, 7]);
        using var read = ReadAll(ChunksContent.Instance, frames);
        Assert.Equal(expected, RandomAnswers.Describe(read));
    }

    [Fact]
    public void RefusesAnswersThatDoNotFitTogether()
    {
        using var answer = new NodeAnswer<ChunkSeriesBatch>([.. new[] { 1, 2 }.Select(static x => new PartitionAnswer<ChunkSeriesBatch>(new PartitionId(x), Batch(), []))], [new(1), new(2)], []);
        var frames = Frames(ChunksContent.Instance, answer);
        Assert.Equal(3, frames.Count);
        Refused([]);
        Refused(frames[0], frames[1]);
        Refused(frames[0], frames[1], frames[2], frames[2]);
        Refused(frames[0], frames[1], frames[0], frames[2]);
        Refused(frames[1], frames[2]);
        Refused(frames[0], frames[1], new HeadReadFrame { End = new HeadReadEnd { Answered = { 2 } } }.ToByteArray());
        Refused(new HeadReadFrame { Partition = 1, IsContinued = true, LabelCounts = ByteString.CopyFrom(0, 0, 0, 0) }.ToByteArray(), frames[2]);

        static ChunkSeriesBatch Batch()
        {
            var batch = new ChunkSeriesBatch();
            batch.BeginSeries(Labels.Of(("a", "b")));
            batch.AddChunk(1, 2, 3, 4);
            return batch;
        }

        static void Refused(params byte[][] frames) => Assert.Throws<RemoteFormatException>(() => ReadAll(ChunksContent.Instance, [.. frames]));
    }

    /// <summary>The frames that a node sends.</summary>
    internal static List<byte[]> Frames<T>(IHeadContent<T> content, NodeAnswer<T> answer)
    {
        var frames = new List<byte[]>();
        foreach (var frame in HeadAnswerWriter.Frames(answer, content))
        {
            frames.Add(frame.ToArray());
        }

        return frames;
    }

    internal static NodeAnswer<T> ReadAll<T>(IHeadContent<T> content, List<byte[]> frames)
    {
        using var reader = new HeadAnswerReader<T>(content);
        foreach (var frame in frames)
        {
            reader.Add(frame);
        }

        return reader.Take();
    }

    private static void ReadsBack<T>(IHeadContent<T> content, Func<Random, T> value)
    {
        var random = new Random(7);
        for (var round = 0; round < 20; round++)
        {
            using var answer = RandomAnswers.Of(random, value);
            var expected = RandomAnswers.Describe(answer);
            using var read = ReadAll(content, Frames(content, answer));
            Assert.Equal(expected, RandomAnswers.Describe(read));
        }
    }
}
