using System.Buffers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Ingester.Tests.Deletion;

/// <summary>The bytes are those of docs/formats/head-records.md and docs/formats/checkpoint.md: what a release has written, all later ones read.</summary>
public sealed class DeletionRecordTests
{
    private const string Ulid = "01J1VG2W000000000000000000";
    private const string UlidHex = "30314a3156473257303030303030303030303030303030303030";
    private const string DeletedHex = "0100" + UlidHex + "0078fd7790010000";
    private const string ShownHex = "0101" + UlidHex + "0078fd7790010000";
    private const string PendingHex = UlidHex + "0c00000000000000";
    private const long At = 1_720_000_018_432;

    [Theory]
    [InlineData(false, DeletedHex)]
    [InlineData(true, ShownHex)]
    public void IsWrittenAndReadAsDocumented(bool isShown, string hex)
    {
        var written = new ArrayBufferWriter<byte>();
        DeletionRecord.Write(written, isShown, Ulid, At);
        Assert.Equal(hex, Convert.ToHexStringLower(written.WrittenSpan));
        Assert.Equal((isShown, Ulid, At), DeletionRecord.Read(Convert.FromHexString(hex)));
    }

    [Fact]
    public void WhatIsPendingIsWrittenAndReadAsDocumented()
    {
        var written = new ArrayBufferWriter<byte>();
        new PendingDeletion(TenantId.Anonymous, Ulid, 12).Write(written);
        Assert.Equal(PendingHex, Convert.ToHexStringLower(written.WrittenSpan));
        Assert.Equal(new PendingDeletion(TenantId.Anonymous, Ulid, 12), PendingDeletion.Read(TenantId.Anonymous, bytes => Convert.FromHexString(PendingHex).CopyTo(bytes)));
    }

    [Fact]
    public void EveryOtherRecordIsRefused()
    {
        var good = Convert.FromHexString(DeletedHex);
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<HeadFormatException>(() => DeletionRecord.Read(good.AsSpan(0, length)));
        }

        Assert.Throws<HeadFormatException>(() => DeletionRecord.Read([.. good, 0]));
        foreach (var (place, value) in new[] { (0, (byte)2), (1, (byte)2), (2, (byte)'U') })
        {
            var bad = (byte[])good.Clone();
            bad[place] = value;
            Assert.Throws<HeadFormatException>(() => DeletionRecord.Read(bad));
        }
    }
}
