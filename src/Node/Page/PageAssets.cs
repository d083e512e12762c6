using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;

namespace Deucalion.Node.Page;

/// <summary>The built page, embedded in the assembly: each file with its type, entity tag and a gzip form made once. Immutable.</summary>
internal sealed class PageAssets
{
    private const string Prefix = "page/";

    private readonly FrozenDictionary<string, Asset> _assets;

    /// <summary>Loads what the build embedded.</summary>
    public PageAssets(Assembly assembly)
    {
        var types = new FileExtensionContentTypeProvider();
        _assets = assembly.GetManifestResourceNames()
            .Where(static n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(static n => n[Prefix.Length..].Replace('\\', '/'), n => Load(assembly, n, types));
    }

    /// <summary>Paths of the files, such as <c>index.html</c>.</summary>
    public IEnumerable<string> Paths => _assets.Keys;

    /// <summary>Writes a file, or answers 404.</summary>
    public async Task ServeAsync(HttpContext context, string path)
    {
        if (!_assets.TryGetValue(path, out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
            return;
        }

        var response = context.Response;
        response.Headers.ETag = asset.Tag;
        response.Headers.Vary = "Accept-Encoding";

        // Names under assets/ carry a hash of their content; index.html does not and is asked for again.
        response.Headers.CacheControl = path.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        if (context.Request.Headers.IfNoneMatch == asset.Tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = asset.ContentType;
        var zipped = asset.Zipped.Length < asset.Content.Length && context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal);
        if (zipped)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        var body = zipped ? asset.Zipped : asset.Content;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static Asset Load(Assembly assembly, string name, FileExtensionContentTypeProvider types)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return new Asset(
            content,
            zipped.ToArray(),
            types.TryGetContentType(name, out var type) ? (type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8" : type) : "application/octet-stream",
            $"\"{Convert.ToHexString(SHA256.HashData(content), 0, 8)}\"");
    }

    private sealed record Asset(byte[] Content, byte[] Zipped, string ContentType, string Tag);
}
