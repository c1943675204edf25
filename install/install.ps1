# Installs devsvc on Windows (PowerShell 5.1 or newer):
#
#   install.ps1 [-Downgrade] [VERSION]         (default: the newest)
#
# -Downgrade             replaces a newer version by an older one
# DEVSVC_DOWNGRADE       the same, set to 1
# DEVSVC_INSTALL         the folder it goes to; default: %LOCALAPPDATA%\Programs\devsvc
# DEVSVC_DOWNLOAD_BASE   where releases lie, for a mirror; as on GitHub there are
#                        BASE/download/vVERSION/FILE and BASE/latest/download/FILE.
#                        It begins with https://; http:// for this machine only
#
# What is downloaded must have the checksum that SHA256SUMS names, and be the
# version that was asked for. Nothing is put in place before it has, and has run
# once.
param([string]$Version = '', [switch]$Downgrade)

# In a function: half a script does nothing.
function Install-Devsvc([string]$Version, [bool]$Downgrade) {
  $ErrorActionPreference = 'Stop'
  # Unpacking shows a progress bar, too.
  $ProgressPreference = 'SilentlyContinue'
  [Net.ServicePointManager]::SecurityProtocol =
    [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

  $VersionPattern = '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$'

  # Compares the parts of two lists such as 1.10.0 and 1.9.0, in this order: none,
  # numbers, words. Returns -1, 0 or 1.
  function Compare-Parts([string]$Left, [string]$Right) {
    $a = $Left.Split('.')
    $b = $Right.Split('.')
    for ($i = 0; $i -lt [Math]::Max($a.Length, $b.Length); $i++) {
      if ($i -ge $a.Length) { return -1 }
      if ($i -ge $b.Length) { return 1 }
      $aIsNumber = $a[$i] -match '^[0-9]+$'
      $bIsNumber = $b[$i] -match '^[0-9]+$'
      $order = if ($aIsNumber -and $bIsNumber) { ([decimal]$a[$i]).CompareTo([decimal]$b[$i]) }
        elseif ($aIsNumber) { -1 }
        elseif ($bIsNumber) { 1 }
        else { [Math]::Sign([string]::CompareOrdinal($a[$i], $b[$i])) }
      if ($order -ne 0) { return $order }
    }
    return 0
  }

  # Tells whether the first version comes before the second (semver.org, 11).
  function Test-Older([string]$First, [string]$Second) {
    $a, $aPre = ($First -replace '\+.*$', '') -split '-', 2
    $b, $bPre = ($Second -replace '\+.*$', '') -split '-', 2
    $order = Compare-Parts $a $b
    if ($order -eq 0 -and $aPre) { $order = if ($bPre) { Compare-Parts $aPre $bPre } else { -1 } }
    return $order -lt 0
  }

  # Whether something may be downloaded from there: anybody on the way can change
  # what comes by another protocol than https.
  function Test-Safe([Uri]$Address) {
    $Address.Scheme -eq 'https' -or ($Address.Scheme -eq 'http' -and $Address.IsLoopback)
  }

  # Downloads to a file. Each redirect is looked at, which Invoke-WebRequest cannot.
  function Save-Download([Uri]$Address, [string]$File) {
    for ($hop = 0; $hop -lt 10; $hop++) {
      if (-not (Test-Safe $Address)) { throw "sent to $Address" }
      $request = [Net.WebRequest]::Create($Address)
      $request.AllowAutoRedirect = $false
      $request.UserAgent = 'devsvc'
      $response = $request.GetResponse()
      try {
        if ([int]$response.StatusCode -ge 300) {
          $Address = New-Object Uri $Address, $response.Headers['Location']
          continue
        }
        $to = [IO.File]::Create($File)
        try { $response.GetResponseStream().CopyTo($to) } finally { $to.Dispose() }
        return
      }
      finally { $response.Close() }
    }
    throw "sent around without an end"
  }

  $base = if ($env:DEVSVC_DOWNLOAD_BASE) { $env:DEVSVC_DOWNLOAD_BASE }
    else { 'https://github.com/devsvc/devsvc/releases' }
  $folder = if ($env:DEVSVC_INSTALL) { $env:DEVSVC_INSTALL }
    else { Join-Path $env:LOCALAPPDATA 'Programs\devsvc' }
  # A 32-bit or emulated PowerShell has the real one in the second.
  $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 }
    else { $env:PROCESSOR_ARCHITECTURE }
  $arch = switch ($machine) {
    'AMD64' { 'x86_64' }
    'ARM64' { 'aarch64' }
    default { throw "there is no build for ${machine}: only for AMD64 and ARM64" }
  }
  $given = $Version
  $Version = $Version -replace '^v', ''
  if ($Version -and $Version -notmatch $VersionPattern) {
    throw "$given is no version: expected one such as 1.2.3"
  }
  if (-not ([Uri]::IsWellFormedUriString($base, 'Absolute') -and (Test-Safe $base))) {
    throw "cannot download from ${base}: expected https://, since anybody on the way can change what comes by another protocol; set DEVSVC_DOWNLOAD_BASE"
  }
  $from = if ($Version) { "$base/download/v$Version" } else { "$base/latest/download" }

  $work = Join-Path ([IO.Path]::GetTempPath()) "devsvc-$([guid]::NewGuid())"
  $staged = Join-Path $folder ".devsvc-new-$PID.exe"
  New-Item -ItemType Directory $work | Out-Null
  try {
    $sums = Join-Path $work 'SHA256SUMS'
    try { Save-Download "$from/SHA256SUMS" $sums }
    catch {
      $wanted = if ($Version) { $Version } else { 'the newest' }
      throw "cannot download $from/SHA256SUMS: is $wanted a released version, and is the network there?"
    }
    # "CHECKSUM  devsvc-VERSION-OS-ARCH.zip"
    $pattern = "^([0-9a-f]{64})  (devsvc-([0-9A-Za-z.+-]+)-windows-$arch)\.zip$"
    $line = Get-Content $sums | Where-Object { $_ -match $pattern } | Select-Object -First 1
    if (-not $line) { throw "there is no build for windows-$arch in $from/SHA256SUMS" }
    $line -match $pattern | Out-Null
    $expected = $Matches[1]
    $name = $Matches[2]
    $offered = $Matches[3]
    if ($Version -and $offered -cne $Version) {
      throw "$from has version $offered, and $Version was asked for; nothing was installed"
    }
    $present = Join-Path $folder 'devsvc.exe'
    if (-not $Downgrade -and (Test-Path $present)) {
      $before = try { & $present --version 2>$null | Select-Object -First 1 } catch { '' }
      if ($before -match $VersionPattern -and (Test-Older $offered $before)) {
        throw "version $before is installed, and $offered is older: give -Downgrade, or set DEVSVC_DOWNGRADE to 1, to replace it; nothing was installed"
      }
    }

    $archive = Join-Path $work "$name.zip"
    try { Save-Download "$from/$name.zip" $archive }
    catch { throw "cannot download $from/$name.zip" }
    $found = (Get-FileHash -Algorithm SHA256 $archive).Hash.ToLowerInvariant()
    if ($found -ne $expected) {
      throw "$name.zip is not what was released: its checksum is $found, expected $expected; nothing was installed"
    }

    Expand-Archive $archive -DestinationPath $work
    New-Item -ItemType Directory -Force $folder | Out-Null
    # Beside its place, so that the last step is one rename.
    Copy-Item (Join-Path $work "$name\devsvc.exe") $staged
    $installed = & $staged --version
    if ($LASTEXITCODE -ne 0) { throw "the build for windows-$arch does not run here; nothing was installed" }
    if ("$installed" -cne $offered) {
      throw "the program in $name.zip does not say that it is version $offered; nothing was installed"
    }
    Move-Item -Force $staged (Join-Path $folder 'devsvc.exe')
  }
  finally {
    Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $work, $staged
  }

  "devsvc $installed is installed: $(Join-Path $folder 'devsvc.exe')"
  if (($env:PATH -split ';') -notcontains $folder) {
    "To call it by its name, add $folder to PATH."
  }
}

try { Install-Devsvc $Version ($Downgrade -or $env:DEVSVC_DOWNGRADE -eq '1') }
catch {
  [Console]::Error.WriteLine("devsvc: $($_.Exception.Message)")
  # Through "irm | iex" it would end the user's session.
  if ($PSCommandPath) { exit 1 }
}
